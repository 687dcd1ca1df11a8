package dev.poolmark.evaluator.score;

import dev.poolmark.evaluator.metric.Metric;
import dev.poolmark.evaluator.score.Fit.Residual;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.DoubleUnaryOperator;

/**
 * Formulas fitted to scores that a real grader gave, by least squares.
 *
 * <p>For quality, each of the eight metrics is tried under three curves: {@code 80 m} as it is,
 * with a scale, and with a scale and a power. Each is judged by its error on observations that were
 * left out, one at a time. Among those that are nearly as good as the best the one with the fewest
 * fitted numbers is taken, and of these the default metric: few grades cannot tell more apart.
 *
 * @param formula the fitted formulas; the default one on a side that had too few grades
 * @param quality how the quality formula fits; empty where there are too few grades to fit one
 * @param time how the time formula fits; empty where there are too few grades to fit one
 */
public record Calibration(ScoreFormula formula, Optional<Fit> quality, Optional<Fit> time) {

  /** With fewer, leaving one out leaves nothing to tell the metrics apart by. */
  public static final int FEWEST_QUALITY_GRADES = 3;

  public static final int FEWEST_TIME_GRADES = 2;

  /** An error this much above the least one, in points and as a share, counts as just as good. */
  private static final double NEAR_POINTS = 0.05;

  private static final double NEAR_SHARE = 1.1;

  private static final double LOWEST_POWER = 0.1;
  private static final double HIGHEST_POWER = 20;
  private static final double LOWEST_HALF = 1e-3;
  private static final double HIGHEST_HALF = 1e4;

  /**
   * Fits both formulas.
   *
   * @throws BadScoreInputException where there are too few grades for either, saying how many it
   *     takes
   */
  public static Calibration fit(List<Observation> observations) {
    List<Observation> quality = observations.stream().filter(o -> o.quality() != null).toList();
    List<Observation> time = observations.stream().filter(o -> o.time() != null).toList();
    if (quality.size() < FEWEST_QUALITY_GRADES && time.size() < FEWEST_TIME_GRADES) {
      throw new BadScoreInputException(
          String.format(
              Locale.ROOT,
              "expected at least %d grades for quality or %d for time, found %d and %d",
              FEWEST_QUALITY_GRADES,
              FEWEST_TIME_GRADES,
              quality.size(),
              time.size()));
    }
    Optional<QualityFit> qualityFit =
        quality.size() < FEWEST_QUALITY_GRADES
            ? Optional.empty()
            : Optional.of(fitQuality(quality));
    Optional<TimeFit> timeFit =
        time.size() < FEWEST_TIME_GRADES ? Optional.empty() : Optional.of(fitTime(time));
    return new Calibration(
        new ScoreFormula(
            qualityFit.map(QualityFit::formula).orElse(QualityFormula.DEFAULT),
            timeFit.map(TimeFit::formula).orElse(TimeFormula.DEFAULT)),
        qualityFit.map(QualityFit::fit),
        timeFit.map(TimeFit::fit));
  }

  /** What to tell the user: each formula, and by how much the grades miss it, or why not fitted. */
  public List<String> describe() {
    List<String> lines = new ArrayList<>();
    lines.add("quality = " + formula.quality().describe());
    lines.addAll(details(quality, FEWEST_QUALITY_GRADES));
    lines.add("time = " + formula.time().describe());
    lines.addAll(details(time, FEWEST_TIME_GRADES));
    return lines;
  }

  private static List<String> details(Optional<Fit> fit, int fewest) {
    return fit.map(
            fitted ->
                fitted.residuals().stream()
                    .map(r -> String.format(Locale.ROOT, "  %+.2f %s", r.points(), r.name()))
                    .toList())
        .orElse(List.of("  not fitted: that takes at least " + fewest + " grades"));
  }

  private record QualityFit(QualityFormula formula, Fit fit) {

    /** The error that decides, on observations left out. */
    double error() {
      return fit.unseenError();
    }

    boolean isOfDefaultMetric() {
      return formula.metric() == Metric.DEFAULT;
    }
  }

  private record TimeFit(TimeFormula formula, Fit fit) {}

  private static QualityFit fitQuality(List<Observation> graded) {
    List<QualityFit> candidates = new ArrayList<>();
    double[] points = graded.stream().mapToDouble(Observation::quality).toArray();
    for (Metric metric : Metric.values()) {
      if (graded.stream().allMatch(o -> o.correlations().containsKey(metric))) {
        double[] values = graded.stream().mapToDouble(o -> o.correlations().get(metric)).toArray();
        for (Curve curve : Curve.values()) {
          // A curve that has as many numbers as there are grades would fit anything.
          if (points.length >= curve.parameters() + 2) {
            candidates.add(curve.fit(metric, graded, values, points));
          }
        }
      }
    }
    double least =
        candidates.stream()
            .mapToDouble(QualityFit::error)
            .min()
            .orElseThrow(
                () ->
                    new BadScoreInputException(
                        "expected a metric that every graded report defines, found none"));
    return candidates.stream()
        .filter(candidate -> candidate.error() <= NEAR_SHARE * least + NEAR_POINTS)
        .min(
            Comparator.<QualityFit>comparingInt(candidate -> candidate.fit().parameters())
                .thenComparing(candidate -> !candidate.isOfDefaultMetric())
                .thenComparingDouble(QualityFit::error))
        .map(Calibration::withOrigin)
        .orElseThrow();
  }

  /** The curves from a correlation to points, the simplest first. */
  private enum Curve {
    PLAIN,
    SCALED,
    BENT;

    int parameters() {
      return ordinal();
    }

    QualityFit fit(Metric metric, List<Observation> graded, double[] values, double[] points) {
      QualityFormula formula = formula(metric, values, points);
      List<Residual> residuals = new ArrayList<>();
      double unseen = 0;
      for (int i = 0; i < points.length; i++) {
        residuals.add(new Residual(graded.get(i).name(), points[i] - formula.points(values[i])));
        double error =
            points[i] - formula(metric, without(values, i), without(points, i)).points(values[i]);
        unseen += error * error;
      }
      return new QualityFit(
          formula, new Fit(parameters(), residuals, Math.sqrt(unseen / points.length)));
    }

    private QualityFormula formula(Metric metric, double[] values, double[] points) {
      double power =
          this == BENT
              ? lowest(
                  p -> squares(values, points, scale(values, points, p), p),
                  LOWEST_POWER,
                  HIGHEST_POWER)
              : 1;
      double scale = this == PLAIN ? 1 : scale(values, points, power);
      return new QualityFormula(metric, scale, power, Points.ASSUMED);
    }

    /** The least squares scale under a given power; 1 where no correlation is above 0. */
    private static double scale(double[] values, double[] points, double power) {
      double products = 0;
      double squares = 0;
      for (int i = 0; i < values.length; i++) {
        double bent = Math.pow(Math.max(0, values[i]), power);
        products += bent * points[i] / QualityFormula.MOST;
        squares += bent * bent;
      }
      double scale = products / squares;
      return scale > 0 && Double.isFinite(scale) ? scale : 1;
    }

    private static double squares(double[] values, double[] points, double scale, double power) {
      double squares = 0;
      for (int i = 0; i < values.length; i++) {
        double error =
            points[i] - QualityFormula.MOST * scale * Math.pow(Math.max(0, values[i]), power);
        squares += error * error;
      }
      return squares;
    }
  }

  /** Replaces the curve's assumed origin by the fit that it turned out to be. */
  private static QualityFit withOrigin(QualityFit chosen) {
    QualityFormula formula = chosen.formula();
    return new QualityFit(
        new QualityFormula(
            formula.metric(), formula.scale(), formula.power(), chosen.fit().describe()),
        chosen.fit());
  }

  private static TimeFit fitTime(List<Observation> graded) {
    double[] ratios = graded.stream().mapToDouble(Observation::ratio).toArray();
    double[] points = graded.stream().mapToDouble(Observation::time).toArray();
    TimeFormula formula = timeFormula(ratios, points);
    List<Residual> residuals = new ArrayList<>();
    double unseen = 0;
    for (int i = 0; i < points.length; i++) {
      residuals.add(new Residual(graded.get(i).name(), points[i] - formula.points(ratios[i])));
      TimeFormula others = timeFormula(without(ratios, i), without(points, i));
      unseen += Math.pow(points[i] - others.points(ratios[i]), 2);
    }
    Fit fit = new Fit(1, residuals, Math.sqrt(unseen / points.length));
    return new TimeFit(new TimeFormula(formula.half(), fit.describe()), fit);
  }

  private static TimeFormula timeFormula(double[] ratios, double[] points) {
    DoubleUnaryOperator squares =
        half -> {
          double sum = 0;
          for (int i = 0; i < ratios.length; i++) {
            double error = points[i] - TimeFormula.MOST / (1 + ratios[i] / half);
            sum += error * error;
          }
          return sum;
        };
    return new TimeFormula(lowest(squares, LOWEST_HALF, HIGHEST_HALF), Points.ASSUMED);
  }

  /** Where a function of a positive number is lowest: a grid of logarithms, then golden section. */
  private static double lowest(DoubleUnaryOperator function, double from, double to) {
    int steps = 60;
    double width = Math.log(to / from) / steps;
    int best = 0;
    double bestValue = Double.POSITIVE_INFINITY;
    for (int i = 0; i <= steps; i++) {
      double value = function.applyAsDouble(from * Math.exp(i * width));
      if (value < bestValue) {
        best = i;
        bestValue = value;
      }
    }
    double low = Math.log(from) + Math.max(0, best - 1) * width;
    double high = Math.log(from) + Math.min(steps, best + 1) * width;
    double golden = (Math.sqrt(5) - 1) / 2;
    while (high - low > 1e-9) {
      double left = high - golden * (high - low);
      double right = low + golden * (high - low);
      if (function.applyAsDouble(Math.exp(left)) <= function.applyAsDouble(Math.exp(right))) {
        high = right;
      } else {
        low = left;
      }
    }
    return Math.exp((low + high) / 2);
  }

  private static double[] without(double[] values, int left) {
    double[] others = Arrays.copyOf(values, values.length - 1);
    System.arraycopy(values, left + 1, others, left, others.length - left);
    return others;
  }
}
