package dev.poolmark.evaluator.score;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.poolmark.evaluator.metric.Interval;
import dev.poolmark.evaluator.metric.Metric;
import dev.poolmark.evaluator.score.Calibration.Alternative;
import dev.poolmark.evaluator.score.Calibration.Choice;
import dev.poolmark.evaluator.score.Measured.Timed;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CalibrationTest {

  private static final List<Setting> SETTINGS =
      List.of(
          new Setting("fresh", 1),
          new Setting("fresh", 64),
          new Setting("cold", 64),
          new Setting("hot", 64));

  private static final int SEEDS = 200;

  /** What a grader does in secret. */
  private record Grader(QualityFormula quality, TimeFormula time, double noise) {

    static Grader random(SplittableRandom random, double noise) {
      Metric metric = Metric.values()[random.nextInt(Metric.values().length)];
      Clock clock = Clock.values()[random.nextInt(2)];
      double half = Math.exp(random.nextDouble(Math.log(0.3), Math.log(30)));
      return new Grader(
          new QualityFormula(
              metric,
              random.nextInt(3) == 0 ? 1 : random.nextDouble(0.8, 1.2),
              random.nextInt(3) == 0 ? random.nextDouble(0.5, 2) : 1),
          new TimeFormula(
              TimeCurve.values()[random.nextInt(TimeCurve.values().length)],
              clock,
              clock == Clock.RELATIVE ? half : 20 * half,
              Optional.of(SETTINGS.get(random.nextInt(SETTINGS.size())))),
          noise);
    }

    List<Observation> grades(int count, SplittableRandom random) {
      List<Observation> graded = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        graded.add(grade(submission("p" + i, random), random));
      }
      return graded;
    }

    private Observation grade(Measured submission, SplittableRandom random) {
      return new Observation(
          submission,
          clamp(submission.points(quality) + noise * random.nextGaussian(), 80),
          clamp(submission.points(time) + noise * random.nextGaussian(), 20));
    }

    private static double clamp(double points, double most) {
      return Math.max(1e-6, Math.min(most - 1e-6, points));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {3, 6, 12})
  void plantedFormulasAreInsideTheStatedIntervalFor95Of100Seeds(int grades) {
    int quality = 0;
    int time = 0;
    for (int seed = 0; seed < SEEDS; seed++) {
      SplittableRandom random = new SplittableRandom(seed);
      double noise = Math.exp(random.nextDouble(Math.log(0.1), Math.log(1.5)));
      Grader grader = Grader.random(random, noise);
      ScoreFormula formula = Calibration.fit(grader.grades(grades, random)).formula();
      Measured unseen = submission("unseen", random);
      if (qualityInterval(formula, unseen).contains(unseen.points(grader.quality()))) {
        quality++;
      }
      if (timeInterval(formula, unseen).contains(unseen.points(grader.time()))) {
        time++;
      }
    }
    assertTrue(quality >= 0.95 * SEEDS, "quality: " + quality + " of " + SEEDS);
    assertTrue(time >= 0.95 * SEEDS, "time: " + time + " of " + SEEDS);
  }

  @Test
  void moreGradesTellMore() {
    Grader grader =
        new Grader(
            QualityFormula.DEFAULT,
            new TimeFormula(TimeCurve.EXPONENTIAL, Clock.RELATIVE, 2, Optional.of(SETTINGS.get(1))),
            0.05);
    double width = Double.POSITIVE_INFINITY;
    for (int grades : new int[] {1, 3, 6, 12, 40}) {
      SplittableRandom random = new SplittableRandom(5);
      ScoreFormula formula = Calibration.fit(grader.grades(grades, random)).formula();
      Interval interval = timeInterval(formula, submission("unseen", new SplittableRandom(1)));
      assertTrue(interval.high() - interval.low() < width, grades + " grades: " + interval);
      width = interval.high() - interval.low();
    }
    assertTrue(width < 0.5, "width: " + width);
  }

  @Test
  void manyGradesTellMetricCurveAndTiming() {
    TimeFormula time =
        new TimeFormula(TimeCurve.LINEAR, Clock.RELATIVE, 6, Optional.of(SETTINGS.get(2)));
    QualityFormula quality = new QualityFormula(Metric.DOT_PEARSON, 0.93, 2.2);
    Calibration calibration =
        Calibration.fit(new Grader(quality, time, 0.1).grades(40, new SplittableRandom(3)));

    Choice metric = calibration.quality().orElseThrow().choices().get(0);
    assertEquals("dot_pearson", metric.alternatives().get(0).name());
    assertTrue(metric.settled());
    assertEquals(0.1, metric.alternatives().get(0).error(), 0.05);
    QualityFormula likeliest = calibration.formula().quality().likeliest();
    assertEquals(0.93, likeliest.scale(), 0.02);
    assertEquals(2.2, likeliest.power(), 0.1);
    Choice timing = calibration.time().orElseThrow().choices().get(1);
    assertEquals("cold, batches of 64", timing.alternatives().get(0).name());
    assertTrue(timing.settled());
    assertEquals(6, calibration.formula().time().likeliest().half(), 0.3);
  }

  @Test
  void fewGradesAreSaidToBeTooFew() {
    Calibration calibration =
        Calibration.fit(
            new Grader(QualityFormula.DEFAULT, TimeFormula.DEFAULT.at(SETTINGS.get(0)), 2)
                .grades(3, new SplittableRandom(3)));
    Choice metric = calibration.quality().orElseThrow().choices().get(0);
    assertFalse(metric.settled());
    assertEquals(1, metric.alternatives().stream().mapToDouble(Alternative::weight).sum(), 1e-9);
    assertTrue(
        calibration.describe().stream()
            .anyMatch(line -> line.startsWith("  ! 3 grades are too few to tell the metric: ")));
    assertTrue(
        calibration.describe().stream()
            .anyMatch(line -> line.startsWith("  ! 3 grades are too few to tell the curve: ")));
    assertEquals("what 3 grades leave possible", calibration.formula().quality().origin());
  }

  @Test
  void metricThatAReportLacksIsNotACandidate() {
    List<Observation> observations =
        new ArrayList<>(
            new Grader(QualityFormula.DEFAULT, TimeFormula.DEFAULT.at(SETTINGS.get(0)), 0)
                .grades(6, new SplittableRandom(1)));
    Observation first = observations.get(0);
    Map<Metric, Double> fewer = new EnumMap<>(first.measured().correlations());
    fewer.remove(Metric.DEFAULT);
    observations.set(
        0,
        new Observation(
            new Measured("p", fewer, first.measured().times(), SETTINGS.get(0)),
            first.quality(),
            first.time()));
    assertTrue(
        Calibration.fit(observations).formula().quality().members().stream()
            .noneMatch(member -> member.formula().metric() == Metric.DEFAULT));
  }

  @Test
  void oneSideCanStandAloneAndNoGradesAreRefused() {
    Measured timed = submission("p", new SplittableRandom(1));
    Calibration timeOnly = Calibration.fit(List.of(new Observation(timed, null, 17.0)));
    assertEquals(Optional.empty(), timeOnly.quality());
    assertEquals(ScoreFormula.DEFAULT.quality(), timeOnly.formula().quality());
    assertEquals("  not fitted: no grades", timeOnly.describe().get(1));
    assertEquals("what 1 grade leaves possible", timeOnly.formula().time().origin());
    assertEquals(
        "expected grades, found none",
        assertThrows(BadScoreInputException.class, () -> Calibration.fit(List.of())).getMessage());
  }

  @Test
  void submissionsTimedInNoCommonWayAreRefused() {
    Map<Metric, Double> one = Map.of(Metric.DEFAULT, 0.5);
    Timed time = new Timed(1, 20);
    assertThrows(
        BadScoreInputException.class,
        () ->
            Calibration.fit(
                List.of(
                    new Observation(
                        new Measured("a", one, Map.of(SETTINGS.get(0), time), SETTINGS.get(0)),
                        null,
                        17.0),
                    new Observation(
                        new Measured("b", one, Map.of(SETTINGS.get(1), time), SETTINGS.get(1)),
                        null,
                        17.0))));
  }

  @Test
  void pointsOutsideTheContestsIntervalsAreRejected() {
    Measured measured = submission("p", new SplittableRandom(1));
    for (Double[] points : new Double[][] {{80.0, null}, {null, 20.0}, {null, null}}) {
      assertThrows(
          IllegalArgumentException.class, () -> new Observation(measured, points[0], points[1]));
    }
    assertThrows(IllegalArgumentException.class, () -> new Timed(0, 20));
    assertThrows(
        IllegalArgumentException.class,
        () -> new Measured("p", Map.of(), Map.of(), SETTINGS.get(0)));
  }

  private static Interval qualityInterval(ScoreFormula formula, Measured unseen) {
    return formula.quality().points(unseen::points).interval95().orElseThrow();
  }

  private static Interval timeInterval(ScoreFormula formula, Measured unseen) {
    return formula.time().points(unseen::points).interval95().orElseThrow();
  }

  /** Correlations that go together, and times that a setting changes, as those of poolers do. */
  private static Measured submission(String name, SplittableRandom random) {
    double good = random.nextDouble(0.6, 0.92);
    Map<Metric, Double> correlations = new EnumMap<>(Metric.class);
    for (Metric metric : Metric.values()) {
      correlations.put(metric, Math.min(0.98, good + 0.03 * random.nextGaussian()));
    }
    double ratio = Math.exp(random.nextDouble(Math.log(0.05), Math.log(8)));
    Map<Setting, Timed> times = new HashMap<>();
    for (Setting setting : SETTINGS) {
      times.put(
          setting,
          new Timed(
              ratio * Math.exp(0.4 * random.nextGaussian()), setting.batchSize() == 1 ? 40 : 20));
    }
    return new Measured(name, correlations, times, SETTINGS.get(1));
  }
}
