package dev.poolmark.evaluator.metric;

import java.util.Arrays;
import java.util.Optional;
import java.util.function.DoubleBinaryOperator;
import java.util.function.DoubleUnaryOperator;

/**
 * A figure as each resample of a bootstrap gave it, in the order of the resamples.
 *
 * @param values NaN where the figure is not defined on that resample
 */
public record Replicates(double[] values) {

  public Replicates {
    if (values.length == 0) {
      throw new IllegalArgumentException("at least one replicate is needed, found none");
    }
  }

  /** The replicates of a function of the figure, such as the points for it. */
  public Replicates map(DoubleUnaryOperator function) {
    return new Replicates(Arrays.stream(values).map(function).toArray());
  }

  /**
   * The replicates of a figure made of two. Two that come from the same resamples are compared
   * resample by resample; two that come from independent ones are added as independent.
   */
  public Replicates with(Replicates other, DoubleBinaryOperator function) {
    if (values.length != other.values.length) {
      throw new IllegalArgumentException(
          "as many replicates are needed on both sides, found "
              + values.length
              + " and "
              + other.values.length);
    }
    double[] both = new double[values.length];
    Arrays.setAll(both, i -> function.applyAsDouble(values[i], other.values[i]));
    return new Replicates(both);
  }

  public Replicates plus(Replicates other) {
    return with(other, Double::sum);
  }

  public Replicates minus(Replicates other) {
    return with(other, (left, right) -> left - right);
  }

  /**
   * The percentile interval that holds 95 of 100 replicates, interpolated as numpy does; empty
   * where less than half of the resamples define the figure.
   */
  public Optional<Interval> interval95() {
    double[] defined = Arrays.stream(values).filter(v -> !Double.isNaN(v)).sorted().toArray();
    return 2 * defined.length < values.length
        ? Optional.empty()
        : Optional.of(new Interval(quantile(defined, 0.025), quantile(defined, 0.975)));
  }

  /** The share of the replicates that define the figure in which it is above a bound. */
  public double shareAbove(double bound) {
    long defined = Arrays.stream(values).filter(v -> !Double.isNaN(v)).count();
    return (double) Arrays.stream(values).filter(v -> v > bound).count() / defined;
  }

  private static double quantile(double[] sorted, double share) {
    double place = share * (sorted.length - 1);
    int below = (int) place;
    int above = Math.min(below + 1, sorted.length - 1);
    return sorted[below] + (place - below) * (sorted[above] - sorted[below]);
  }
}
