package dev.poolmark.evaluator.score;

import dev.poolmark.evaluator.metric.Metric;
import java.util.Objects;
import java.util.OptionalDouble;

/**
 * Points for quality: {@code 80 * min(1, scale * max(0, metric) ^ power)}, kept a billionth of a
 * point inside the open interval (0, 80).
 *
 * @param metric which correlation counts
 * @param scale above 0; 1 where nothing was fitted
 * @param power above 0; 1 where nothing was fitted
 */
public record QualityFormula(Metric metric, double scale, double power) implements Formula {

  /** The most there is to get. */
  public static final double MOST = 80;

  /** {@code 80 * max(0, cosine Spearman)}, an assumption. */
  public static final QualityFormula DEFAULT = new QualityFormula(Metric.DEFAULT, 1, 1);

  public QualityFormula {
    Objects.requireNonNull(metric, "metric");
    Points.positive("scale", scale);
    Points.positive("power", power);
  }

  /** Points for a correlation from -1 to 1. */
  public double points(double correlation) {
    return Points.within(MOST * curve(correlation), MOST);
  }

  /** An undefined correlation is worth nothing: 0, as the formula in words gives it. */
  public double points(OptionalDouble correlation) {
    return correlation.isPresent() ? points(correlation.getAsDouble()) : 0;
  }

  private double curve(double correlation) {
    return Math.min(1, scale * Math.pow(Math.max(0, correlation), power));
  }

  @Override
  public String formula() {
    String base = "max(0, " + metric.key() + ")";
    String curve = power == 1 ? base : base + "^" + Points.brief(power);
    return scale == 1
        ? "80 * " + curve
        : "80 * min(1, " + Points.brief(scale) + " * " + curve + ")";
  }
}
