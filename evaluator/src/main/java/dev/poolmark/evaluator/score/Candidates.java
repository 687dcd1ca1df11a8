package dev.poolmark.evaluator.score;

import dev.poolmark.evaluator.metric.Metric;
import dev.poolmark.evaluator.score.Measured.Timed;
import dev.poolmark.evaluator.score.Posterior.Point;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.ToDoubleFunction;

/**
 * The families of formulas that a grader may use, and how likely each of their members is given the
 * grades.
 *
 * <p>Bayes: all families of a side are equally likely before a grade is seen, and within a family a
 * number is spread evenly over the logarithms of what it may be. A grade is the formula's points
 * plus an error of unknown size: the variance has an inverse gamma prior, which integrates out, and
 * leaves {@code -(SHAPE + n/2) log(spread + squares/2)} as the logarithm of the likelihood of n
 * grades (Student's distribution; Bishop, "Pattern Recognition and Machine Learning", 2006, section
 * 2.3.7). So a perfect fit of few grades counts for little. And since the grader's formula may be
 * of no family here, and its grades are no independent draws, the grades count {@value #TRUST} of
 * what they would (a tempered posterior; Grünwald, "The safe Bayesian", 2012): with that, planted
 * formulas lie inside the intervals at least as often as these state.
 */
final class Candidates {

  /** A half lies between a hundredth and a thousand times the reference's time. */
  private static final double LOWEST_HALF = 1e-2;

  private static final double HIGHEST_HALF = 1e3;

  /** A scale is 1, give or take a factor of 1.25, and never more than 2 off. */
  private static final double SCALE_DEVIATION = Math.log(1.25);

  private static final double MOST_SCALE = Math.log(2);
  private static final double MOST_POWER = Math.log(4);

  /** Few degrees of freedom: the size of a grade's error is hardly known beforehand. */
  private static final double SHAPE = 1;

  /** An error of a point is nothing unusual. */
  private static final double SPREAD = 1;

  private static final double TRUST = 0.75;

  private Candidates() {}

  /**
   * A formula that may be the grader's.
   *
   * @param family the formulas that share its metric or curve, for people
   * @param squares sum of its squared errors on the grades
   * @param logMass logarithm of its likelihood, up to a constant
   */
  record Candidate<F extends Formula>(F formula, String family, double squares, double logMass) {}

  /** What the grades for quality leave possible. */
  static List<Candidate<QualityFormula>> ofQuality(List<Observation> graded) {
    double[] grades = graded.stream().mapToDouble(Observation::quality).toArray();
    List<Candidate<QualityFormula>> candidates = new ArrayList<>();
    for (Metric metric : Metric.values()) {
      if (graded.stream().allMatch(o -> o.measured().correlations().containsKey(metric))) {
        double[] values =
            graded.stream().mapToDouble(o -> o.measured().correlations().get(metric)).toArray();
        ToDoubleFunction<QualityFormula> squares =
            formula -> {
              double sum = 0;
              for (int i = 0; i < grades.length; i++) {
                double error = grades[i] - formula.points(values[i]);
                sum += error * error;
              }
              return sum;
            };
        for (int numbers = 0; numbers <= 2; numbers++) {
          candidates.addAll(ofQuality(metric, numbers, squares, grades.length));
        }
      }
    }
    if (candidates.isEmpty()) {
      throw new BadScoreInputException(
          "expected a metric that every graded report defines, found none");
    }
    return candidates;
  }

  /** As it is, with a scale, with a scale and a power. */
  private static List<Candidate<QualityFormula>> ofQuality(
      Metric metric, int numbers, ToDoubleFunction<QualityFormula> squares, int grades) {
    double[] high = Arrays.copyOf(new double[] {MOST_SCALE, MOST_POWER}, numbers);
    double[] low = Arrays.stream(high).map(side -> -side).toArray();
    Posterior posterior =
        Posterior.of(
            low,
            high,
            at ->
                logPrior(at, low, high)
                    + logLikelihood(squares.applyAsDouble(quality(metric, at)), grades));
    List<Candidate<QualityFormula>> candidates = new ArrayList<>();
    for (Point point : posterior.points()) {
      QualityFormula formula = quality(metric, point.at());
      candidates.add(
          new Candidate<>(formula, metric.key(), squares.applyAsDouble(formula), point.logMass()));
    }
    return candidates;
  }

  private static QualityFormula quality(Metric metric, double[] logs) {
    return new QualityFormula(
        metric, logs.length > 0 ? Math.exp(logs[0]) : 1, logs.length > 1 ? Math.exp(logs[1]) : 1);
  }

  /** Normal for the scale, even for the power; integrates to 1 over the box, nearly. */
  private static double logPrior(double[] at, double[] low, double[] high) {
    double log = 0;
    if (at.length > 0) {
      double z = at[0] / SCALE_DEVIATION;
      log -= z * z / 2 + Math.log(SCALE_DEVIATION * Math.sqrt(2 * Math.PI));
    }
    return at.length > 1 ? log - Math.log(high[1] - low[1]) : log;
  }

  /** What the grades for time leave possible. */
  static List<Candidate<TimeFormula>> ofTime(List<Observation> graded) {
    double[] grades = graded.stream().mapToDouble(Observation::time).toArray();
    List<Candidate<TimeFormula>> candidates = new ArrayList<>();
    for (Setting setting : sharedSettings(graded)) {
      List<Timed> times = graded.stream().map(o -> o.measured().times().get(setting)).toList();
      double reference =
          Math.exp(
              times.stream().mapToDouble(t -> Math.log(t.referenceMicros())).average().orElse(0));
      for (Clock clock : Clock.values()) {
        double unit = clock.reading(1, reference);
        for (TimeCurve curve : TimeCurve.values()) {
          TimeFormula shape = new TimeFormula(curve, clock, 1, Optional.of(setting));
          candidates.addAll(ofTime(shape, unit, times, grades));
        }
      }
    }
    return candidates;
  }

  private static List<Candidate<TimeFormula>> ofTime(
      TimeFormula shape, double unit, List<Timed> times, double[] grades) {
    double low = Math.log(LOWEST_HALF * unit);
    double high = Math.log(HIGHEST_HALF * unit);
    ToDoubleFunction<TimeFormula> squares =
        formula -> {
          double sum = 0;
          for (int i = 0; i < grades.length; i++) {
            Timed time = times.get(i);
            double error = grades[i] - formula.points(time.ratio(), time.referenceMicros());
            sum += error * error;
          }
          return sum;
        };
    Posterior posterior =
        Posterior.of(
            new double[] {low},
            new double[] {high},
            at ->
                logLikelihood(squares.applyAsDouble(shape.withHalf(Math.exp(at[0]))), grades.length)
                    - Math.log(high - low));
    List<Candidate<TimeFormula>> candidates = new ArrayList<>();
    for (Point point : posterior.points()) {
      TimeFormula formula = shape.withHalf(Math.exp(point.at()[0]));
      candidates.add(
          new Candidate<>(
              formula,
              shape.curve().key() + ", " + shape.clock().key() + " time",
              squares.applyAsDouble(formula),
              point.logMass()));
    }
    return candidates;
  }

  /** How every graded submission was timed. */
  private static List<Setting> sharedSettings(List<Observation> graded) {
    List<Setting> shared =
        graded.get(0).measured().times().keySet().stream()
            .filter(
                setting -> graded.stream().allMatch(o -> o.measured().times().containsKey(setting)))
            .sorted()
            .toList();
    if (shared.isEmpty()) {
      throw new BadScoreInputException(
          "expected reports with a protocol and batch size in common, found none");
    }
    return shared;
  }

  private static double logLikelihood(double squares, int grades) {
    return -TRUST * (SHAPE + grades / 2.0) * Math.log(SPREAD + squares / 2);
  }
}
