package dev.poolmark.evaluator.metric;

import java.util.Locale;
import java.util.OptionalDouble;

/** How well one column follows another, from -1 to 1, computed in double. */
public enum Correlation {
  /** The product-moment correlation. */
  PEARSON {
    @Override
    double ofVarying(double[] x, double[] y) {
      return pearson(x, y);
    }
  },
  /** The Pearson correlation of the ranks, equal values sharing the mean of their places. */
  SPEARMAN {
    @Override
    double ofVarying(double[] x, double[] y) {
      return pearson(RelevanceOrder.of(x).averageRanks(), RelevanceOrder.of(y).averageRanks());
    }
  };

  /**
   * A column whose values differ by less than this share of their size holds rounding noise, not a
   * signal; scipy warns at the same share. Similarities of float32 embeddings that really differ
   * are a million times further apart.
   */
  private static final double NOISE = 1e-13;

  /** The name in a metric's name: {@code spearman}. */
  public String key() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * The correlation of two columns of the same length.
   *
   * @return empty where it is not defined: fewer than two values, or a column that is constant
   */
  public OptionalDouble of(double[] x, double[] y) {
    if (x.length != y.length) {
      throw new IllegalArgumentException(
          "columns of the same length are needed, found " + x.length + " and " + y.length);
    }
    return isConstant(x) || isConstant(y)
        ? OptionalDouble.empty()
        : OptionalDouble.of(ofVarying(x, y));
  }

  abstract double ofVarying(double[] x, double[] y);

  /** Whether a column has no two values that differ by more than rounding noise. */
  static boolean isConstant(double[] values) {
    if (values.length < 2) {
      return true;
    }
    double lowest = Double.POSITIVE_INFINITY;
    double highest = Double.NEGATIVE_INFINITY;
    for (double value : values) {
      lowest = Math.min(lowest, value);
      highest = Math.max(highest, value);
    }
    return !(highest - lowest > NOISE * Math.max(Math.abs(lowest), Math.abs(highest)));
  }

  /** Two passes: the sums are taken around the means, so that large offsets cancel nothing. */
  private static double pearson(double[] x, double[] y) {
    double xMean = mean(x);
    double yMean = mean(y);
    double xx = 0;
    double yy = 0;
    double xy = 0;
    for (int i = 0; i < x.length; i++) {
      double dx = x[i] - xMean;
      double dy = y[i] - yMean;
      xx += dx * dx;
      yy += dy * dy;
      xy += dx * dy;
    }
    return clamp(xy / (Math.sqrt(xx) * Math.sqrt(yy)));
  }

  static double mean(double[] values) {
    double sum = 0;
    for (double value : values) {
      sum += value - values[0];
    }
    return values[0] + sum / values.length;
  }

  static double clamp(double correlation) {
    return Math.max(-1, Math.min(1, correlation));
  }
}
