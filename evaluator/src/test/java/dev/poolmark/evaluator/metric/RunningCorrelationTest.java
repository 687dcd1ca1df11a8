package dev.poolmark.evaluator.metric;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import java.util.OptionalDouble;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class RunningCorrelationTest {

  @Test
  void runningValuesAreThoseOfTheWholeColumns() {
    double[][] xy = Samples.correlated(new SplittableRandom(3), 3000, 0.7, 5);
    RunningCorrelation running = new RunningCorrelation();
    for (int i = 0; i < 3000; i++) {
      running.add(xy[0][i] + 1e6, xy[1][i]);
      if (i == 1 || i == 100 || i == 2999) {
        double[] x = Arrays.stream(xy[0], 0, i + 1).map(v -> v + 1e6).toArray();
        double[] y = Arrays.copyOf(xy[1], i + 1);
        assertEquals(Correlation.PEARSON.of(x, y).orElse(9), running.pearson().orElse(9), 1e-7);
        assertEquals(Correlation.SPEARMAN.of(x, y), running.spearman());
      }
    }
    assertEquals(3000, running.count());
  }

  @Test
  void sampleStandsForAListThatIsLonger() {
    double[][] xy = Samples.correlated(new SplittableRandom(4), 50_000, 0.8, 5);
    RunningCorrelation running = new RunningCorrelation();
    // Sorted by label: a sample of the first or the last pairs alone would be far off.
    int[] order = RelevanceOrder.of(xy[1]).order();
    for (int i : order) {
      running.add(xy[0][i], xy[1][i]);
    }
    double whole = Correlation.SPEARMAN.of(xy[0], xy[1]).orElseThrow();
    assertEquals(whole, running.spearman().orElseThrow(), 0.03);
  }

  @Test
  void nothingAndConstantsAreUndefined() {
    RunningCorrelation running = new RunningCorrelation();
    assertEquals(OptionalDouble.empty(), running.pearson());
    assertEquals(OptionalDouble.empty(), running.spearman());
    running.add(0.1, 1);
    running.add(0.1, 2);
    running.add(0.1, 3);
    assertEquals(OptionalDouble.empty(), running.pearson());
    assertEquals(OptionalDouble.empty(), running.spearman());
  }
}
