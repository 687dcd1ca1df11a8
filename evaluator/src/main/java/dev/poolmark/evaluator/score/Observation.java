package dev.poolmark.evaluator.score;

import org.jspecify.annotations.Nullable;

/**
 * What Poolmark measured of a submission, and what the grader gave for it.
 *
 * @param quality the grader's points for quality, inside (0, 80); null where not known
 * @param time the grader's points for time, inside (0, 20); null where not known
 */
public record Observation(Measured measured, @Nullable Double quality, @Nullable Double time) {

  public Observation {
    check(quality, time);
  }

  static void check(@Nullable Double quality, @Nullable Double time) {
    inside("quality", quality, QualityFormula.MOST);
    inside("time", time, TimeFormula.MOST);
    if (quality == null && time == null) {
      throw new IllegalArgumentException("expected points for quality or time, found neither");
    }
  }

  private static void inside(String name, @Nullable Double points, double most) {
    if (points != null && !(points > 0 && points < most)) {
      throw new IllegalArgumentException(
          name + ": expected points inside (0, " + (int) most + "), found " + points);
    }
  }
}
