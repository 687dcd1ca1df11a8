package dev.poolmark.evaluator.score;

import java.math.BigDecimal;
import java.math.MathContext;

/** What formulas share. */
final class Points {

  /** What is said of a formula that nobody has compared with the grader. */
  static final String ASSUMED = "assumption: the grader's formula is not published";

  /** The contest's scores lie in open intervals: no score comes closer to an end than this. */
  private static final double EDGE = 1e-9;

  private Points() {}

  /** The points inside the open interval from 0 to the most there is to get. */
  static double within(double points, double most) {
    return Math.max(EDGE, Math.min(most - EDGE, points));
  }

  static double positive(String name, double value) {
    if (!(value > 0 && Double.isFinite(value))) {
      throw new IllegalArgumentException(name + ": expected a number above 0, found " + value);
    }
    return value;
  }

  static String origin(String origin) {
    if (origin == null || origin.isBlank() || origin.lines().count() > 1) {
      throw new IllegalArgumentException(
          "origin: expected one line that says where the formula comes from");
    }
    return origin;
  }

  /** A parameter as it stands in a formula: four digits, no trailing zeros. */
  static String brief(double value) {
    return new BigDecimal(value).round(new MathContext(4)).stripTrailingZeros().toPlainString();
  }
}
