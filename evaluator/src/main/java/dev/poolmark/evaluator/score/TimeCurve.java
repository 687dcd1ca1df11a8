package dev.poolmark.evaluator.score;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * How points fall with time. Each family has one number, {@code half}: the time at which half of
 * the points are left.
 */
public enum TimeCurve {
  /** {@code 1 / (1 + x)}: never nothing. */
  RECIPROCAL("20 / (1 + %s/%s)") {
    @Override
    double share(double halves) {
      return 1 / (1 + halves);
    }
  },
  /** {@code 2 ^ -x}: the same time more costs the same share of what is left. */
  EXPONENTIAL("20 * 2^(-%s/%s)") {
    @Override
    double share(double halves) {
      return Math.pow(2, -halves);
    }
  },
  /** {@code 1 - x / 2}: nothing is left at twice the half. */
  LINEAR("20 * max(0, 1 - %s/%s / 2)") {
    @Override
    double share(double halves) {
      return 1 - halves / 2;
    }
  },
  /** {@code 1/2 - log10(x) / 4}: ten times the time costs a quarter of all points. */
  LOGARITHMIC("20 * min(1, max(0, 1/2 - log10(%s/%s) / 4))") {
    @Override
    double share(double halves) {
      return 0.5 - Math.log10(halves) / 4;
    }
  };

  private final String formula;

  TimeCurve(String formula) {
    this.formula = formula;
  }

  /**
   * The share of the points that is left; what lies beyond 0 and 1 is cut off by the formula.
   *
   * @param halves the time over the half
   */
  abstract double share(double halves);

  String formula(String symbol, double half) {
    return String.format(Locale.ROOT, formula, symbol, Points.brief(half));
  }

  /** The name in files: {@code reciprocal}. */
  public String key() {
    return name().toLowerCase(Locale.ROOT);
  }

  static TimeCurve of(String key) {
    for (TimeCurve curve : values()) {
      if (curve.key().equals(key)) {
        return curve;
      }
    }
    throw new IllegalArgumentException(
        "curve: expected one of "
            + Arrays.stream(values()).map(TimeCurve::key).collect(Collectors.joining(", "))
            + ", found '"
            + key
            + "'");
  }
}
