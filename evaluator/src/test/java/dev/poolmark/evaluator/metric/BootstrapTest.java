package dev.poolmark.evaluator.metric;

import static dev.poolmark.evaluator.metric.Correlation.PEARSON;
import static dev.poolmark.evaluator.metric.Correlation.SPEARMAN;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class BootstrapTest {

  @Test
  void replicatesAreThoseOfResamplingAndSorting() {
    for (int n : new int[] {2, 3, 10, 151, 400}) {
      double[][] xy = Samples.correlated(new SplittableRandom(n), n, 0.6, 2);
      xy[0] = Arrays.stream(xy[0]).map(v -> Math.rint(v * 8) / 8).toArray();
      Bootstrap bootstrap = new Bootstrap(50, 17);
      for (Correlation kind : Correlation.values()) {
        double[] fast = bootstrap.correlation(kind, xy[0], xy[1]).values();
        assertArrayEquals(naive(bootstrap, kind, xy[0], xy[1]), fast, 1e-12);
      }
    }
  }

  @Test
  void intervalHoldsTheTrueCorrelationAboutNinetyFiveTimesInAHundred() {
    for (Correlation kind : Correlation.values()) {
      double truth = kind == PEARSON ? 0.7 : 6 / Math.PI * Math.asin(0.7 / 2);
      SplittableRandom random = new SplittableRandom(99);
      int held = 0;
      for (int trial = 0; trial < 400; trial++) {
        double[][] xy = Samples.correlated(random, 200, 0.7, 0);
        Bootstrap bootstrap = new Bootstrap(400, trial);
        if (interval(bootstrap.correlation(kind, xy[0], xy[1])).contains(truth)) {
          held++;
        }
      }
      assertTrue(held >= 366 && held <= 393, kind + ": held " + held + " times of 400");
    }
  }

  @Test
  void samePairsAreDrawnForTwoPoolers() {
    double[][] xy = Samples.correlated(new SplittableRandom(8), 500, 0.8, 5);
    double[] slightlyWorse = new double[500];
    Arrays.setAll(slightlyWorse, i -> xy[0][i] + 0.05 * Math.sin(i));
    Bootstrap bootstrap = new Bootstrap(500, 1);
    Replicates better = bootstrap.correlation(SPEARMAN, xy[0], xy[1]);
    Replicates worse = bootstrap.correlation(SPEARMAN, slightlyWorse, xy[1]);
    Interval alone = interval(better);
    Interval paired = interval(better.minus(worse));
    assertTrue(paired.high() - paired.low() < (alone.high() - alone.low()) / 4);
  }

  @Test
  void seedDecidesTheReplicates() {
    double[][] xy = Samples.correlated(new SplittableRandom(8), 100, 0.5, 5);
    double[] once = new Bootstrap(20, 1).correlation(PEARSON, xy[0], xy[1]).values();
    assertArrayEquals(once, new Bootstrap(20, 1).correlation(PEARSON, xy[0], xy[1]).values());
    assertNotEquals(once[0], new Bootstrap(20, 2).correlation(PEARSON, xy[0], xy[1]).values()[0]);
  }

  @Test
  void totalOfIndependentPartsIsAsWideAsTheirSquaresTogether() {
    SplittableRandom random = new SplittableRandom(2);
    double[][] noise = Samples.correlated(random, 4000, 0, 0);
    Interval sum =
        interval(new Replicates(noise[0]).map(v -> 3 * v).plus(new Replicates(noise[1])));
    assertEquals(2 * 1.96 * Math.sqrt(10), sum.high() - sum.low(), 0.5);
  }

  @Test
  void percentilesAreThoseOfNumpy() {
    assertEquals(
        new Interval(1.0, 8.25),
        interval(new Replicates(new double[] {3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5})));
  }

  @Test
  void constantColumnHasNoInterval() {
    double[] labels = {1, 2, 3, 4};
    double[] constant = {.5, .5, .5, .5};
    for (Correlation kind : Correlation.values()) {
      Bootstrap bootstrap = new Bootstrap(10, 1);
      assertEquals(Optional.empty(), bootstrap.correlation(kind, constant, labels).interval95());
      assertEquals(Optional.empty(), bootstrap.correlation(kind, labels, constant).interval95());
    }
  }

  @Test
  void resamplesGetFewerWithManyPairs() {
    assertEquals(1000, Bootstrap.ofPairs(0).resamples());
    assertEquals(1000, Bootstrap.ofPairs(100_000).resamples());
    assertEquals(500, Bootstrap.ofPairs(200_000).resamples());
    assertEquals(200, Bootstrap.ofPairs(50_000_000).resamples());
  }

  @Test
  void columnsThatDoNotMatchAreRejected() {
    Bootstrap bootstrap = new Bootstrap(10, 1);
    assertThrows(
        IllegalArgumentException.class,
        () -> bootstrap.correlation(PEARSON, new double[2], new double[3]));
    assertThrows(IllegalArgumentException.class, () -> new Bootstrap(0, 1));
  }

  private static Interval interval(Replicates replicates) {
    return replicates.interval95().orElseThrow();
  }

  /** Resamples the pairs one by one, in the bootstrap's order of draws, and correlates each. */
  private static double[] naive(Bootstrap bootstrap, Correlation kind, double[] x, double[] y) {
    int n = x.length;
    SplittableRandom random = new SplittableRandom(bootstrap.seed());
    double[] correlations = new double[bootstrap.resamples()];
    for (int r = 0; r < correlations.length; r++) {
      double[] xs = new double[n];
      double[] ys = new double[n];
      long bits = 0;
      for (int i = 0; i < n; i++) {
        bits = i % 2 == 0 ? random.nextLong() : bits << 32;
        int drawn = (int) Math.floor((bits >>> 32) / 0x1p32 * n);
        xs[i] = x[drawn];
        ys[i] = y[drawn];
      }
      correlations[r] = kind.of(xs, ys).orElse(Double.NaN);
    }
    return correlations;
  }
}
