package dev.poolmark.evaluator.tuning;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import dev.poolmark.evaluator.tuning.TrialTask.Packed;
import dev.poolmark.evaluator.tuning.TrialTask.Ranked;
import dev.poolmark.evaluator.tuning.TrialTask.Refitted;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a tuning came to.
 *
 * @param mean the reference's points on the dev rows
 * @param best the one that is in {@code best/}
 * @param foldsBy what no two folds have in common: {@code source}, {@code sentence}, or {@code
 *     topic and sentence}, each for every second fold
 * @param history the best total on all rows, each time it rose
 * @param importance of what was chosen, by the share of the totals' variance that goes with it
 * @param refit what the model in {@code best/} was trained on once more, which all figures here are
 *     from before; null where it was not
 * @param ranked the finalists on the dev rows under the scenarios of {@code rank}; null where there
 *     was no time for it
 * @param findings what to know of it, a sentence each
 */
@JsonNaming(SnakeCaseStrategy.class)
public record TuneReport(
    InspectionReport inspection,
    int trainRows,
    int devRows,
    String foldsBy,
    double budgetSeconds,
    double seconds,
    Map<String, Integer> trials,
    Mean mean,
    Finalist best,
    List<Rise> history,
    List<Finalist> finalists,
    List<Importance> importance,
    @Nullable Refitted refit,
    @Nullable Ranked ranked,
    @Nullable Packed submission,
    List<String> findings) {

  /** The reference's points. */
  public record Mean(double quality, double time, double total) {}

  /** A new best. */
  public record Rise(double seconds, int trial, String spec, double total) {}

  /** How much of the totals' variance the values of an option explain, each by itself. */
  public record Importance(String option, double share, int trials) {}

  /** Points over the reference on rows that were neither trained on nor chose the epoch. */
  public record FoldGain(int fold, long seed, double gain) {}

  /**
   * One that was looked at again.
   *
   * @param total on the dev rows, which have chosen it: a little too good
   * @param qualityCi95 over other dev rows like these; null where it is not defined
   * @param meanGain points of quality over the reference on the folds, on average; null without
   * @param gainCi95 where the mean gain lies, over folds and seeds; null for fewer than two
   */
  @JsonNaming(SnakeCaseStrategy.class)
  public record Finalist(
      int trial,
      String spec,
      Map<String, String> options,
      double referenceRatio,
      double time,
      double quality,
      @JsonProperty("quality_ci95") double @Nullable [] qualityCi95,
      double total,
      List<FoldGain> folds,
      @Nullable Double meanGain,
      @JsonProperty("gain_ci95") double @Nullable [] gainCi95) {}
}
