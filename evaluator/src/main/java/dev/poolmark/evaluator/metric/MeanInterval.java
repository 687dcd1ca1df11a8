package dev.poolmark.evaluator.metric;

import java.util.Arrays;
import java.util.Optional;

/** Where the mean of some values lies, by Student's distribution (1908). */
public final class MeanInterval {

  /** Its 97.5 % quantiles for 1, 2, … degrees of freedom; from there on the last is near enough. */
  private static final double[] STUDENT = {
    12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179
  };

  private MeanInterval() {}

  /** At least one value. */
  public static double mean(double[] values) {
    return Arrays.stream(values).average().orElseThrow();
  }

  /** At 95 %; empty for fewer than two values. */
  public static Optional<Interval> of95(double[] values) {
    int n = values.length;
    if (n < 2) {
      return Optional.empty();
    }
    double mean = mean(values);
    double squares = Arrays.stream(values).map(value -> (value - mean) * (value - mean)).sum();
    double t = STUDENT[Math.min(n - 2, STUDENT.length - 1)];
    double half = t * Math.sqrt(squares / (n - 1) / n);
    return Optional.of(new Interval(mean - half, mean + half));
  }
}
