package dev.poolmark.evaluator.metric;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PassRatiosTest {

  private static final int SEEDS = 200;

  @Test
  void theFigureIsTheMedianPass() {
    PassRatios ratios = PassRatios.of(new double[] {2, 4, 90}, new double[] {10, 10, 10});
    assertEquals(0.4, ratios.median());
    assertTrue(ratios.interval95().orElseThrow().contains(0.4));
    assertEquals(2.5, PassRatios.median(new double[] {9, 1, 2, 3}));
  }

  @Test
  void onePassTellsNoSpread() {
    PassRatios one = PassRatios.of(new double[] {2}, new double[] {10});
    assertEquals(0.2, one.median());
    assertEquals(Optional.empty(), one.interval95());
    assertEquals(Optional.empty(), one.anotherRun(100, 1).interval95());
  }

  @Test
  void equalPassesStillLeaveWhatRunsDifferBy() {
    Interval interval =
        PassRatios.of(new double[] {2, 2, 2}, new double[] {10, 10, 10}).interval95().orElseThrow();
    double width = Math.log(interval.high() / interval.low()) / 2;
    assertEquals(1.96 * Math.sqrt(2) * PassRatios.RUN_TO_RUN, width, 0.1 * width);
  }

  @Test
  void passesThatDoNotMatchAreRejected() {
    assertThrows(IllegalArgumentException.class, () -> PassRatios.of(new double[2], new double[3]));
    assertThrows(IllegalArgumentException.class, () -> PassRatios.of(new double[0], new double[0]));
  }

  /** Quiet passes, noisy ones, and ones of which a tenth met something else on the machine. */
  @ParameterizedTest
  @ValueSource(strings = {"quiet", "noisy", "disturbed"})
  void theTrueDifferenceOfAPlantedPairIsCovered(String machine) {
    double truth = Math.log(0.26) - Math.log(0.14);
    int covered = 0;
    for (int seed = 0; seed < SEEDS; seed++) {
      SplittableRandom random = new SplittableRandom(seed);
      Replicates first = logs(run(0.14, machine, random).truth(1000, 1));
      Replicates second = logs(run(0.26, machine, random).truth(1000, 2));
      if (second.minus(first).interval95().orElseThrow().contains(truth)) {
        covered++;
      }
    }
    // 95 % of 200 less three standard deviations of a count.
    assertTrue(covered >= 181, machine + ": " + covered + " of " + SEEDS);
  }

  @ParameterizedTest
  @ValueSource(strings = {"quiet", "noisy", "disturbed"})
  void theFigureOfAnotherRunIsInside(String machine) {
    int inside = 0;
    for (int seed = 0; seed < SEEDS; seed++) {
      SplittableRandom random = new SplittableRandom(1000 + seed);
      Interval interval = run(0.14, machine, random).interval95().orElseThrow();
      if (interval.contains(run(0.14, machine, random).median())) {
        inside++;
      }
    }
    assertTrue(inside >= 181, machine + ": " + inside + " of " + SEEDS);
  }

  private static Replicates logs(Replicates ratios) {
    return ratios.map(Math::log);
  }

  /** Five passes of a run, which has a deviation of its own. */
  private static PassRatios run(double ratio, String machine, SplittableRandom random) {
    double own = PassRatios.RUN_TO_RUN * random.nextGaussian();
    double noise = machine.equals("quiet") ? 0.005 : 0.05;
    double[] reference = new double[5];
    double[] pooler = new double[5];
    Arrays.setAll(reference, pass -> 1e6 * Math.exp(noise * random.nextGaussian()));
    Arrays.setAll(
        pooler,
        pass -> {
          double disturbed =
              machine.equals("disturbed") && random.nextInt(10) == 0 ? random.nextDouble() : 0;
          return 1e6 * ratio * Math.exp(own + noise * random.nextGaussian() + disturbed);
        });
    return PassRatios.of(pooler, reference);
  }
}
