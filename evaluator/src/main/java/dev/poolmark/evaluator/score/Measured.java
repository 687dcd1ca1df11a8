package dev.poolmark.evaluator.score;

import dev.poolmark.evaluator.metric.Metric;
import java.util.Map;
import java.util.OptionalDouble;

/**
 * What was measured of a pooler, as formulas ask for it.
 *
 * @param name what it is called in messages
 * @param correlations those that are defined, as fractions
 * @param times by how they were taken
 * @param counting how the time was taken that counts where a formula leaves it open
 */
public record Measured(
    String name, Map<Metric, Double> correlations, Map<Setting, Timed> times, Setting counting) {

  /**
   * A time.
   *
   * @param ratio the pooler's over the reference's
   * @param referenceMicros the reference's microseconds a sentence
   */
  public record Timed(double ratio, double referenceMicros) {
    public Timed {
      Points.positive("reference ratio", ratio);
      Points.positive("microseconds", referenceMicros);
    }
  }

  public Measured {
    correlations = Map.copyOf(correlations);
    times = Map.copyOf(times);
    if (!times.containsKey(counting)) {
      throw new IllegalArgumentException("expected a time of " + counting + ", found " + times);
    }
  }

  /** Points for its quality; 0 where the formula's metric is not defined. */
  public double points(QualityFormula formula) {
    Double correlation = correlations.get(formula.metric());
    return formula.points(
        correlation == null ? OptionalDouble.empty() : OptionalDouble.of(correlation));
  }

  /**
   * Points for its time.
   *
   * @throws IllegalArgumentException where the time was not taken as the formula asks
   */
  public double points(TimeFormula formula) {
    Setting setting = formula.setting().orElse(counting);
    Timed timed = times.get(setting);
    if (timed == null) {
      throw new IllegalArgumentException(
          name + ": expected a time of " + setting.describe() + ", found none");
    }
    return formula.points(timed.ratio(), timed.referenceMicros());
  }
}
