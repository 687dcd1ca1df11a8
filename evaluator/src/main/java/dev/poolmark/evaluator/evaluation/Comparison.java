package dev.poolmark.evaluator.evaluation;

import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import dev.poolmark.evaluator.evaluation.EvaluationReport.Scores;
import dev.poolmark.evaluator.metric.Replicates;
import dev.poolmark.evaluator.score.ScoreFormula;
import org.jspecify.annotations.Nullable;

/**
 * Whether one pooler is better than another on the same pairs: the differences in points, second
 * minus first, by a bootstrap that resamples both alike.
 *
 * @param first the report of the first
 * @param second the report of the second
 */
@JsonNaming(SnakeCaseStrategy.class)
public record Comparison(
    EvaluationReport first,
    EvaluationReport second,
    Difference quality,
    Difference time,
    Difference total) {

  /**
   * A difference in points.
   *
   * @param ci95 holds the true difference; null where too few replicates define it
   * @param secondBetter the share of replicates in which the second is better; null as ci95 is
   */
  @JsonNaming(SnakeCaseStrategy.class)
  public record Difference(double points, double @Nullable [] ci95, @Nullable Double secondBetter) {

    private static Difference of(double points, Replicates replicates) {
      return replicates
          .interval95()
          .map(interval -> new Difference(points, interval.toArray(), replicates.shareAbove(0)))
          .orElse(new Difference(points, null, null));
    }
  }

  /**
   * Compares two results of one evaluation.
   *
   * @throws IllegalArgumentException when one of them was ended by a finding
   */
  public static Comparison of(
      EvaluationResult first, EvaluationResult second, ScoreFormula formula) {
    return of(Resampled.of(first, formula), Resampled.of(second, formula));
  }

  static Comparison of(Resampled first, Resampled second) {
    Replicates quality = second.quality().minus(first.quality());
    Replicates time = second.time().minus(first.time());
    Scores a = first.scores();
    Scores b = second.scores();
    return new Comparison(
        first.report(),
        second.report(),
        Difference.of(b.quality().score() - a.quality().score(), quality),
        Difference.of(b.time().score() - a.time().score(), time),
        Difference.of(b.total().score() - a.total().score(), quality.plus(time)));
  }
}
