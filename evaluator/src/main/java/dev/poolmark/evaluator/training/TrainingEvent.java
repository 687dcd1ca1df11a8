package dev.poolmark.evaluator.training;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.annotation.JsonTypeName;
import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import org.jspecify.annotations.Nullable;

/** What a training tells while it runs; as JSON, {@code event} says which. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "event")
@JsonInclude(JsonInclude.Include.NON_NULL)
public sealed interface TrainingEvent {

  /**
   * Before the first step.
   *
   * @param dev figures of the initial weights
   * @param epoch epochs that a resumed training has behind it
   */
  @JsonTypeName("started")
  @JsonNaming(SnakeCaseStrategy.class)
  record Started(
      String spec, int pairs, int devPairs, long parameters, int epoch, int epochs, DevFigures dev)
      implements TrainingEvent {}

  /**
   * After a step.
   *
   * @param step of the epoch, counted from 1
   * @param dev figures after the epoch before
   * @param etaSeconds until all epochs are done
   */
  @JsonTypeName("step")
  @JsonNaming(SnakeCaseStrategy.class)
  record Step(int epoch, int step, int steps, double loss, DevFigures dev, double etaSeconds)
      implements TrainingEvent {}

  /**
   * After an epoch.
   *
   * @param loss mean over its steps
   * @param best whether it is the best so far
   */
  @JsonTypeName("epoch")
  @JsonNaming(SnakeCaseStrategy.class)
  record Epoch(int epoch, double loss, DevFigures dev, boolean best, double seconds)
      implements TrainingEvent {}

  /**
   * After a training that kept rows aside.
   *
   * @param fold counted from 1; 0 where there are several seeds only
   * @param figures on the rows that were kept aside
   * @param reference the reference's figures there
   */
  @JsonTypeName("fold")
  @JsonNaming(SnakeCaseStrategy.class)
  record Fold(int fold, int folds, long seed, DevFigures figures, DevFigures reference, double gain)
      implements TrainingEvent {}

  /**
   * After all of these.
   *
   * @param meanGain over the reference
   * @param gainCi95 where it lies, over folds and seeds; null for one alone
   */
  @JsonTypeName("carries_over")
  @JsonNaming(SnakeCaseStrategy.class)
  record CarriesOver(
      int trainings, double meanGain, @JsonProperty("gain_ci95") double @Nullable [] gainCi95)
      implements TrainingEvent {}

  /** At the end, the model being written. */
  @JsonTypeName("finished")
  @JsonNaming(SnakeCaseStrategy.class)
  record Finished(String model, int epochs, int bestEpoch, DevFigures dev, double seconds)
      implements TrainingEvent {}
}
