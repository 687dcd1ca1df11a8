package dev.poolmark.evaluator.evaluation;

import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import dev.poolmark.evaluator.metric.Bootstrap;
import dev.poolmark.evaluator.metric.Interval;
import dev.poolmark.evaluator.metric.Metric;
import dev.poolmark.evaluator.metric.Replicates;
import dev.poolmark.evaluator.score.ScoreFormula;
import java.util.Arrays;
import java.util.Locale;

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
   * @param ci95 null where too few resamples define it
   * @param secondBetter the share of resamples in which the second is better
   */
  @JsonNaming(SnakeCaseStrategy.class)
  public record Difference(double points, double[] ci95, double secondBetter) {

    private static Difference of(double points, Replicates replicates) {
      double better =
          Arrays.stream(replicates.values()).filter(value -> value > 0).count()
              / (double) replicates.values().length;
      return new Difference(
          points, replicates.interval95().map(Interval::toArray).orElse(null), better);
    }
  }

  /**
   * Compares two results of one evaluation.
   *
   * @throws IllegalArgumentException when one of them was ended by a finding
   */
  public static Comparison of(
      EvaluationResult first, EvaluationResult second, ScoreFormula formula) {
    Replicates quality = quality(second, formula).minus(quality(first, formula));
    Replicates time = time(second, formula).minus(time(first, formula));
    EvaluationReport a = first.report();
    EvaluationReport b = second.report();
    return new Comparison(
        a,
        b,
        Difference.of(b.quality().score() - a.quality().score(), quality),
        Difference.of(b.time().score() - a.time().score(), time),
        Difference.of(b.total().score() - a.total().score(), quality.plus(time)));
  }

  private static Replicates quality(EvaluationResult result, ScoreFormula formula) {
    Measurement measured = measured(result);
    Metric metric = formula.quality().metric();
    return bootstrap(measured).correlation(metric, measured.pairs()).map(formula.quality()::points);
  }

  private static Replicates time(EvaluationResult result, ScoreFormula formula) {
    Measurement measured = measured(result);
    return bootstrap(measured)
        .ratio(measured.poolerNanos(), measured.referenceNanos())
        .map(formula.time()::points);
  }

  private static Bootstrap bootstrap(Measurement measured) {
    return Bootstrap.ofPairs(measured.pairs().size());
  }

  private static Measurement measured(EvaluationResult result) {
    return result
        .measurement()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    String.format(
                        Locale.ROOT,
                        "pooler '%s': %s",
                        result.report().pooler().spec(),
                        String.join("; ", result.report().findings()))));
  }
}
