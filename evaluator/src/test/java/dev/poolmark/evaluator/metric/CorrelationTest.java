package dev.poolmark.evaluator.metric;

import static dev.poolmark.evaluator.metric.Correlation.PEARSON;
import static dev.poolmark.evaluator.metric.Correlation.SPEARMAN;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Arrays;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;

/** The expected values are those of scipy 1.17's {@code pearsonr} and {@code spearmanr}. */
class CorrelationTest {

  private static final double[] LABELS = {0, 1, 2, 2, 3.5, 5, 5, 4.2, 0, 1.4};
  private static final double[] SIMILARITIES = {.1, .35, .35, .2, .8, .9, .95, .5, .1, .6};

  @Test
  void tiesShareTheMeanOfTheirPlaces() {
    assertArrayEquals(
        new double[] {1.5, 3, 5.5, 5.5, 7, 9.5, 9.5, 8, 1.5, 4},
        RelevanceOrder.of(LABELS).averageRanks());
  }

  @Test
  void zeroAndMinusZeroTie() {
    assertArrayEquals(
        new double[] {1.5, 3, 1.5}, RelevanceOrder.of(new double[] {0.0, 1, -0.0}).averageRanks());
  }

  @Test
  void correlationsWithTiesAreThoseOfScipy() {
    assertEquals(0.8676194326571712, PEARSON.of(SIMILARITIES, LABELS).orElseThrow(), 1e-15);
    assertEquals(0.8523117269289667, SPEARMAN.of(SIMILARITIES, LABELS).orElseThrow(), 1e-15);
  }

  @Test
  void correlationsOfTwoHundredPairsAreThoseOfScipy() {
    double[] y = new double[200];
    double[] x = new double[200];
    for (int i = 0; i < 200; i++) {
      y[i] = Math.floor(6 * ((i * 0.6180339887498949) % 1));
      x[i] = Math.sin(i * 1.7) + 0.4 * y[i];
    }
    assertEquals(0.6770679176359023, PEARSON.of(x, y).orElseThrow(), 1e-14);
    assertEquals(0.6706169216976492, SPEARMAN.of(x, y).orElseThrow(), 1e-14);
  }

  @Test
  void largeOffsetsCancelNothing() {
    double[] x = Arrays.stream(SIMILARITIES).map(v -> v * 1e-3 + 1e4).toArray();
    double[] y = Arrays.stream(LABELS).map(v -> v + 1e8).toArray();
    assertEquals(0.8676194331204873, PEARSON.of(x, y).orElseThrow(), 1e-12);
  }

  @Test
  void perfectOrderGivesOneAndItsReverseMinusOne() {
    double[] x = {1, 2, 3, 4};
    assertEquals(1, SPEARMAN.of(x, new double[] {1, 10, 100, 1000}).orElseThrow(), 1e-15);
    assertEquals(-1, SPEARMAN.of(x, new double[] {9, 8, 7, -6}).orElseThrow(), 1e-15);
    assertEquals(1, PEARSON.of(x, new double[] {3, 5, 7, 9}).orElseThrow(), 1e-15);
  }

  @Test
  void constantColumnsAreUndefined() {
    double[] x = {1, 2, 3};
    for (Correlation kind : Correlation.values()) {
      assertEquals(OptionalDouble.empty(), kind.of(x, new double[] {.1, .1, .1}));
      assertEquals(OptionalDouble.empty(), kind.of(new double[3], x));
      assertEquals(OptionalDouble.empty(), kind.of(x, new double[] {1, 1 + 2e-16, 1}));
      assertEquals(OptionalDouble.empty(), kind.of(new double[] {1}, new double[] {1}));
      assertEquals(OptionalDouble.empty(), kind.of(new double[0], new double[0]));
    }
  }

  @Test
  void columnsOfDifferentLengthAreRejected() {
    assertThrows(
        IllegalArgumentException.class, () -> PEARSON.of(new double[] {1, 2}, new double[3]));
  }

  @Test
  void metricIsFoundByItsNameAndOthersAreRefused() {
    for (Metric metric : Metric.values()) {
      assertEquals(metric, Metric.of(metric.key()));
      assertEquals(metric.key(), metric.similarity().key() + "_" + metric.correlation().key());
    }
    assertEquals(
        "expected one of cosine_pearson, cosine_spearman, dot_pearson, dot_spearman,"
            + " euclidean_pearson, euclidean_spearman, manhattan_pearson, manhattan_spearman,"
            + " found 'cosine'",
        assertThrows(IllegalArgumentException.class, () -> Metric.of("cosine")).getMessage());
  }
}
