package dev.poolmark.evaluator.evaluation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.poolmark.evaluator.evaluation.Comparison.Difference;
import dev.poolmark.evaluator.evaluation.EvaluationReport.DatasetInfo;
import dev.poolmark.evaluator.evaluation.EvaluationReport.Environment;
import dev.poolmark.evaluator.evaluation.EvaluationReport.Formula;
import dev.poolmark.evaluator.evaluation.EvaluationReport.PoolerInfo;
import dev.poolmark.evaluator.evaluation.EvaluationReport.Total;
import dev.poolmark.evaluator.metric.PairScores;
import dev.poolmark.evaluator.score.ScoreFormula;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class ComparisonTest {

  private static final int SEEDS = 200;
  private static final int PAIRS = 300;
  private static final int PASSES = 5;

  /** The deviation between runs that repeated measurements showed. */
  private static final double RUN_TO_RUN = 0.05;

  /** Of 200 the 95 %, less three standard deviations of a count. */
  private static final int LEAST = 181;

  /** A pooler whose figures are known: how its cosines follow the labels, and its time. */
  private record Planted(String spec, double correlation, double ratio) {

    /** Pearson's correlation of normal values as Spearman's: 6/π · asin(ρ/2). */
    double qualityPoints() {
      return 80 * 6 / Math.PI * Math.asin(correlation / 2);
    }

    double timePoints() {
      return 20 / (1 + ratio / 9);
    }

    double points() {
      return qualityPoints() + timePoints();
    }
  }

  private static final Planted FIRST = new Planted("first", 0.8, 0.14);
  private static final Planted SECOND = new Planted("second", 0.84, 0.9);

  @Test
  void theTrueDifferenceOfAPlantedPairIsInsideFor95Of100Seeds() {
    int quality = 0;
    int time = 0;
    int total = 0;
    for (int seed = 0; seed < SEEDS; seed++) {
      Comparison found = compare(FIRST, SECOND, new SplittableRandom(seed));
      quality += covers(found.quality(), SECOND.qualityPoints() - FIRST.qualityPoints());
      time += covers(found.time(), SECOND.timePoints() - FIRST.timePoints());
      total += covers(found.total(), SECOND.points() - FIRST.points());
    }
    assertTrue(quality >= LEAST, "quality: " + quality + " of " + SEEDS);
    assertTrue(time >= LEAST, "time: " + time + " of " + SEEDS);
    assertTrue(total >= LEAST, "total: " + total + " of " + SEEDS);
  }

  @Test
  void equalPoolersAreSeldomToldApart() {
    int apart = 0;
    for (int seed = 0; seed < SEEDS; seed++) {
      Planted twin = new Planted("twin", FIRST.correlation(), FIRST.ratio());
      apart += 1 - covers(compare(FIRST, twin, new SplittableRandom(seed)).total(), 0);
    }
    assertTrue(apart <= SEEDS - LEAST, apart + " of " + SEEDS);
  }

  @Test
  void aLargeDifferenceIsAlwaysSeen() {
    Planted worse = new Planted("worse", 0.3, 0.14);
    for (int seed = 0; seed < 20; seed++) {
      Comparison found = compare(worse, SECOND, new SplittableRandom(seed));
      assertEquals(1.0, found.total().secondBetter());
    }
  }

  @Test
  void runsOfSeveralMachinesAreComparedWithAWarning() {
    SplittableRandom random = new SplittableRandom(5);
    EvaluationResult here = result(FIRST, somePairs(random), random, "one machine");
    EvaluationResult alike = result(SECOND, somePairs(random), random, "one machine");
    EvaluationResult elsewhere = result(SECOND, somePairs(random), random, "another");
    assertEquals(List.of(), Standings.of(List.of(here, alike), ScoreFormula.DEFAULT).warnings());
    assertEquals(
        List.of("their times were taken on 2 machines: one machine; another"),
        Standings.of(List.of(here, elsewhere), ScoreFormula.DEFAULT).warnings());
  }

  private static PairScores somePairs(SplittableRandom random) {
    PairScores pairs = new PairScores(PAIRS);
    for (int pair = 0; pair < PAIRS; pair++) {
      add(pairs, random.nextGaussian(), FIRST, random.nextGaussian());
    }
    return pairs;
  }

  private static int covers(Difference difference, double truth) {
    double[] ci95 = Optional.ofNullable(difference.ci95()).orElseThrow();
    return ci95[0] <= truth && truth <= ci95[1] ? 1 : 0;
  }

  /** Both see the same labels and share half of their noise, as poolers of the same tokens do. */
  private static Comparison compare(Planted first, Planted second, SplittableRandom random) {
    PairScores firstPairs = new PairScores(PAIRS);
    PairScores secondPairs = new PairScores(PAIRS);
    for (int pair = 0; pair < PAIRS; pair++) {
      double label = random.nextGaussian();
      double shared = random.nextGaussian();
      add(firstPairs, label, first, noise(shared, random));
      add(secondPairs, label, second, noise(shared, random));
    }
    return Comparison.of(
        result(first, firstPairs, random, "one machine"),
        result(second, secondPairs, random, "one machine"),
        ScoreFormula.DEFAULT);
  }

  private static double noise(double shared, SplittableRandom random) {
    return Math.sqrt(0.5) * (shared + random.nextGaussian());
  }

  private static void add(PairScores pairs, double label, Planted pooler, double noise) {
    double rho = pooler.correlation();
    double closeness = Math.tanh((rho * label + Math.sqrt(1 - rho * rho) * noise) / 3);
    float[] embedding = {(float) closeness, (float) Math.sqrt(1 - closeness * closeness)};
    pairs.add(label, new float[] {1, 0}, 0, embedding, 0, 2);
  }

  private static EvaluationResult result(
      Planted pooler, PairScores pairs, SplittableRandom random, String machine) {
    Measurement measured =
        new Measurement(Engine.JAVA, 2, pairs, times(pooler, random), List.of(), List.of());
    var quality = Result.quality(ScoreFormula.DEFAULT.quality(), pairs);
    var time = Result.time(ScoreFormula.DEFAULT.time(), measured);
    EvaluationReport report =
        new EvaluationReport(
            new PoolerInfo(pooler.spec(), pooler.spec(), null, null, 2, 0L, 0L, true),
            new DatasetInfo("planted", PAIRS, 2 * PAIRS, 2 * PAIRS, 2, "none"),
            quality,
            time,
            new Total(quality.score() + time.score(), null),
            true,
            List.of(),
            new Formula("default", "default"),
            new Environment("none", 1, "none", "none", null, 64, "none", null, machine));
    return new EvaluationResult(report, Optional.of(measured));
  }

  /** A run has a deviation of its own, and its passes differ by as much again. */
  private static PassTimes times(Planted pooler, SplittableRandom random) {
    double run = pooler.ratio() * Math.exp(RUN_TO_RUN * random.nextGaussian());
    double[] reference = new double[PASSES];
    double[] nanos = new double[PASSES];
    for (int pass = 0; pass < PASSES; pass++) {
      reference[pass] = 1e8 * Math.exp(0.05 * random.nextGaussian());
      nanos[pass] = run * 1e8 * Math.exp(0.05 * random.nextGaussian());
    }
    return new PassTimes(new Condition(Protocol.FRESH, 64, PAIRS), nanos, reference);
  }
}
