package dev.poolmark.evaluator.score;

import dev.poolmark.evaluator.metric.Metric;
import java.util.ArrayList;
import java.util.List;

/**
 * One way in which a grader may judge.
 *
 * @param time with how the time is taken
 */
public record Scenario(QualityFormula quality, TimeFormula time) {

  private static final int OF_AN_ENSEMBLE = 200;

  /** Steep and flat ones, of all families, and two that take the time as it is. */
  static final List<TimeFormula> CURVES =
      List.of(
              "reciprocal:half=1",
              "reciprocal:half=3",
              "reciprocal:half=9",
              "reciprocal:half=27",
              "exponential:half=3",
              "exponential:half=9",
              "linear:half=3",
              "linear:half=9",
              "logarithmic:half=3",
              "logarithmic:half=9",
              "reciprocal:half=30us",
              "reciprocal:half=300us")
          .stream()
          .map(TimeFormula::parse)
          .toList();

  static final List<Metric> METRICS = List.of(Metric.COSINE_SPEARMAN, Metric.COSINE_PEARSON);

  public Scenario {
    if (time.setting().isEmpty()) {
      throw new IllegalArgumentException("a scenario says how the time is taken");
    }
  }

  /** How the scenario takes the time. */
  public Setting setting() {
    return time.setting().orElseThrow();
  }

  /** The usual curves and metrics, under each of the settings. */
  public static List<Scenario> usual(List<Setting> settings) {
    return all(settings, CURVES, METRICS);
  }

  static List<Scenario> all(
      List<Setting> settings, List<TimeFormula> curves, List<Metric> metrics) {
    List<Scenario> all = new ArrayList<>();
    for (Setting setting : settings) {
      for (TimeFormula curve : curves) {
        for (Metric metric : metrics) {
          all.add(new Scenario(new QualityFormula(metric, 1, 1), curve.at(setting)));
        }
      }
    }
    return all;
  }

  /**
   * What an ensemble leaves possible, each formula as often as it weighs.
   *
   * @param counting how time is taken where the ensemble leaves it open
   */
  public static List<Scenario> of(ScoreFormula ensemble, Setting counting) {
    List<QualityFormula> quality = ensemble.quality().sample(OF_AN_ENSEMBLE);
    List<TimeFormula> time = ensemble.time().sample(OF_AN_ENSEMBLE);
    List<Scenario> all = new ArrayList<>();
    for (int i = 0; i < OF_AN_ENSEMBLE; i++) {
      TimeFormula curve = time.get(i);
      all.add(
          new Scenario(quality.get(i), curve.setting().isPresent() ? curve : curve.at(counting)));
    }
    return all;
  }

  double points(Measured pooler) {
    return pooler.points(quality) + pooler.points(time);
  }
}
