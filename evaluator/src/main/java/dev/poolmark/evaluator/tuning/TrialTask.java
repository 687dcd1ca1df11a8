package dev.poolmark.evaluator.tuning;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonSubTypes.Type;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.annotation.JsonTypeInfo.Id;
import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import dev.poolmark.evaluator.evaluation.EvaluationReport;
import dev.poolmark.evaluator.score.Ranking;
import dev.poolmark.evaluator.submission.CheckReport;
import dev.poolmark.evaluator.training.DevFigures;
import dev.poolmark.evaluator.training.TrainingSettings;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What a process that runs poolers is asked while a submission is tuned, each with its answer. */
@JsonTypeInfo(use = Id.NAME, property = "task")
@JsonSubTypes({
  @Type(value = TrialTask.Prepare.class, name = "prepare"),
  @Type(value = TrialTask.Describe.class, name = "describe"),
  @Type(value = TrialTask.Reference.class, name = "reference"),
  @Type(value = TrialTask.Look.class, name = "look"),
  @Type(value = TrialTask.Train.class, name = "train"),
  @Type(value = TrialTask.Refit.class, name = "refit"),
  @Type(value = TrialTask.Rank.class, name = "rank"),
  @Type(value = TrialTask.Pack.class, name = "pack")
})
public sealed interface TrialTask {

  /** Looks at the data, and parts dev rows from the others where nobody gave any. */
  record Prepare() implements TrialTask {}

  /**
   * @param groups how many groups there are for folds
   * @param ways in how many ways folds are made, in turn
   * @param foldsBy what no two of these have in common
   * @param meanQuality points of the reference on the dev rows
   */
  @JsonNaming(SnakeCaseStrategy.class)
  record Prepared(
      Trial.Subject subject,
      InspectionReport inspection,
      int trainRows,
      int devRows,
      int groups,
      int ways,
      String foldsBy,
      double meanQuality,
      double meanTime) {}

  /**
   * Makes each pooler once, to see what there is to train.
   *
   * @param without poolers that are not to be made
   */
  record Describe(Set<String> without) implements TrialTask {}

  /**
   * @param architectures of poolers that have something to train
   * @param faults of those that can't be made, a sentence each
   */
  record Described(List<Architecture> architectures, List<String> faults) {}

  /** Scores the reference on the rows of a fold. */
  record Reference(int fold, int folds) implements TrialTask {}

  /**
   * @param quality points
   */
  record Referred(double quality) {}

  /** Times a pooler that is not trained, and looks at its size. */
  record Look(String spec) implements TrialTask {}

  /**
   * @param time points
   * @param bound points in all if its quality were perfect
   */
  @JsonNaming(SnakeCaseStrategy.class)
  record Looked(
      double referenceRatio,
      long parameterBytes,
      boolean withinSizeLimit,
      double time,
      double bound) {}

  /**
   * Trains a pooler.
   *
   * @param share of the training rows
   * @param fold whose rows are kept aside; null for the dev rows
   * @param folds how many are made in each way
   * @param reference points of the reference on those rows
   * @param model where the trained model goes
   */
  @JsonNaming(SnakeCaseStrategy.class)
  record Train(
      String spec,
      TrainingSettings settings,
      double share,
      @Nullable Integer fold,
      int folds,
      double reference,
      Path model)
      implements TrialTask {}

  /**
   * @param dev figures on the rows that were kept aside
   * @param quality points there
   * @param qualityCi95 over other rows like these; null where it is not defined
   * @param gain points over the reference there
   * @param curve figures after each epoch
   */
  @JsonNaming(SnakeCaseStrategy.class)
  record Trained(
      DevFigures dev,
      double quality,
      @JsonProperty("quality_ci95") double @Nullable [] qualityCi95,
      double gain,
      int rows,
      int bestEpoch,
      List<DevFigures> curve) {}

  /**
   * Trains a pooler on all rows that there are, the dev rows among them.
   *
   * @param epochs after so many of the settings' schedule it ends; 0 for weights that are only
   *     fitted
   * @param model where the trained model goes
   */
  record Refit(String spec, TrainingSettings settings, int epochs, Path model)
      implements TrialTask {}

  /**
   * @param rows that it was trained on
   */
  record Refitted(int rows, int epochs) {}

  /**
   * Scores models on the dev rows, and ranks them.
   *
   * @param models folders by name
   * @param allProtocols whether time is taken in all ways, which takes its time
   */
  @JsonNaming(SnakeCaseStrategy.class)
  record Rank(Map<String, Path> models, boolean allProtocols) implements TrialTask {}

  record Ranked(Ranking ranking, List<EvaluationReport> reports) {}

  /** Packs a model as a submission, and checks it where there is a Python with torch. */
  record Pack(Path model, Path zip, boolean check) implements TrialTask {}

  /**
   * @param verified what a Python said of it; null where there is none
   * @param check what the contest's intake would say; null where it was not asked
   */
  @JsonNaming(SnakeCaseStrategy.class)
  record Packed(long weightsBytes, @Nullable String verified, @Nullable CheckReport check) {}
}
