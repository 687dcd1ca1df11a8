package dev.poolmark.evaluator.score;

import dev.poolmark.evaluator.metric.Metric;
import java.util.Map;

/**
 * What Poolmark measured of a submission, and what the grader gave for it.
 *
 * @param name what the submission is called in messages
 * @param correlations those that are defined, as fractions
 * @param times by how they were taken, at least one
 * @param quality the grader's points for quality, inside (0, 80); null where not known
 * @param time the grader's points for time, inside (0, 20); null where not known
 */
public record Observation(
    String name,
    Map<Metric, Double> correlations,
    Map<Setting, Timed> times,
    Double quality,
    Double time) {

  /**
   * A time.
   *
   * @param ratio the submission's over the reference's
   * @param referenceMicros the reference's microseconds a sentence
   */
  public record Timed(double ratio, double referenceMicros) {
    public Timed {
      Points.positive("reference ratio", ratio);
      Points.positive("microseconds", referenceMicros);
    }
  }

  public Observation {
    correlations = Map.copyOf(correlations);
    times = Map.copyOf(times);
    inside("quality", quality, QualityFormula.MOST);
    inside("time", time, TimeFormula.MOST);
    if (quality == null && time == null) {
      throw new IllegalArgumentException("expected points for quality or time, found neither");
    }
    if (times.isEmpty()) {
      throw new IllegalArgumentException("expected a time, found none");
    }
  }

  private static void inside(String name, Double points, double most) {
    if (points != null && !(points > 0 && points < most)) {
      throw new IllegalArgumentException(
          name + ": expected points inside (0, " + (int) most + "), found " + points);
    }
  }
}
