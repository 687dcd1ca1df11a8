package dev.poolmark.evaluator.metric;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.SplittableRandom;

/**
 * A pooler's time over the reference's, by passes made in turn; the figure is their median.
 *
 * <p>Two things move it. Passes of one run differ, by what else the machine does: that is seen in
 * the passes. Runs differ beyond that, by where memory and the process came to lie, which no number
 * of passes within a run shows: {@link #RUN_TO_RUN} stands for it.
 *
 * @param values one for each pass
 */
public record PassRatios(double[] values) {

  /**
   * The standard deviation from run to run of the logarithm of a ratio. Between what repeated runs
   * of {@code sum} on quiet machines gave within a set (.078 to .088) and over an evening (.079 to
   * .102), before passes were taken in turn and memory aligned.
   */
  static final double RUN_TO_RUN = 0.05;

  /** The standard error of a median over that of the mean: the square root of pi / 2. */
  private static final double MEDIAN = Math.sqrt(Math.PI / 2);

  private static final int DRAWS = 4000;

  public PassRatios {
    if (values.length == 0) {
      throw new IllegalArgumentException("at least one pass is needed, found none");
    }
  }

  /** The ratio of each pass to the one beside it. */
  public static PassRatios of(double[] pooler, double[] reference) {
    if (pooler.length != reference.length) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "as many passes of the reference are needed, found %d and %d",
              pooler.length,
              reference.length));
    }
    double[] values = new double[pooler.length];
    Arrays.setAll(values, pass -> pooler[pass] / reference[pass]);
    return new PassRatios(values);
  }

  /** The figure. */
  public double median() {
    return median(values);
  }

  public static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    int middle = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  }

  /** What holds the figure of 95 of 100 other runs; empty for one pass, which tells no spread. */
  public Optional<Interval> interval95() {
    return values.length < 2 ? Optional.empty() : anotherRun(DRAWS, 0).interval95();
  }

  /** Figures that other runs might give; NaN for one pass. */
  public Replicates anotherRun(int draws, long seed) {
    return draws(draws, seed, Math.sqrt(2));
  }

  /** What the true ratio might be; NaN for one pass. */
  public Replicates truth(int draws, long seed) {
    return draws(draws, seed, 1);
  }

  /**
   * Student's distribution of the passes and a normal one of runs, in logarithms.
   *
   * @param errors 1 where one figure is unsure, the root of 2 where two are
   */
  private Replicates draws(int draws, long seed, double errors) {
    double[] logs = Arrays.stream(values).map(Math::log).toArray();
    double centre = median(logs);
    double error = MEDIAN * deviation(logs) / Math.sqrt(logs.length);
    SplittableRandom random = new SplittableRandom(seed);
    double[] ratios = new double[draws];
    for (int i = 0; i < draws; i++) {
      double passes = error * student(random, logs.length - 1);
      double runs = RUN_TO_RUN * random.nextGaussian();
      ratios[i] = logs.length < 2 ? Double.NaN : Math.exp(centre + errors * (passes + runs));
    }
    return new Replicates(ratios);
  }

  private static double deviation(double[] values) {
    double mean = Arrays.stream(values).average().orElseThrow();
    double squares = Arrays.stream(values).map(value -> (value - mean) * (value - mean)).sum();
    return Math.sqrt(squares / (values.length - 1));
  }

  private static double student(SplittableRandom random, int freedom) {
    double squares = 0;
    for (int i = 0; i < freedom; i++) {
      double draw = random.nextGaussian();
      squares += draw * draw;
    }
    return random.nextGaussian() / Math.sqrt(squares / freedom);
  }
}
