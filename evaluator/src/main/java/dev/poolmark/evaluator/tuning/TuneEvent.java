package dev.poolmark.evaluator.tuning;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.annotation.JsonTypeName;
import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import dev.poolmark.evaluator.tuning.TrialTask.Refitted;
import org.jspecify.annotations.Nullable;

/** What a tuning tells while it runs; as JSON, {@code event} says which. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "event")
@JsonInclude(JsonInclude.Include.NON_NULL)
public sealed interface TuneEvent {

  /** The data are read. */
  @JsonTypeName("started")
  @JsonNaming(SnakeCaseStrategy.class)
  record Started(
      int trainRows,
      int devRows,
      int poolers,
      String advice,
      double meanTotal,
      double budgetSeconds)
      implements TuneEvent {}

  /**
   * A trial has ended.
   *
   * @param best the best total so far on all rows; null before there is one
   * @param etaSeconds until all is done
   */
  @JsonTypeName("trial")
  @JsonNaming(SnakeCaseStrategy.class)
  record Tried(Trial trial, @Nullable Double best, @Nullable String bestSpec, double etaSeconds)
      implements TuneEvent {}

  /** A finalist was trained without a fold. */
  @JsonTypeName("fold")
  @JsonNaming(SnakeCaseStrategy.class)
  record Fold(String spec, int fold, long seed, double gain, double etaSeconds)
      implements TuneEvent {}

  /** What comes next. */
  @JsonTypeName("phase")
  @JsonNaming(SnakeCaseStrategy.class)
  record Phase(String phase, double seconds) implements TuneEvent {}

  /**
   * The end.
   *
   * @param total on the dev rows, before a refit
   * @param refit what the best was trained on once more; null where it was not
   */
  @JsonTypeName("finished")
  @JsonNaming(SnakeCaseStrategy.class)
  record Finished(String best, String spec, double total, double seconds, @Nullable Refitted refit)
      implements TuneEvent {}
}
