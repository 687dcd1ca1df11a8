package dev.poolmark.evaluator.score;

import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * Where a candidate's fitted numbers may lie given the grades, as points with masses: a grid that
 * is drawn anew, finer, over what is left of it where the mass is.
 *
 * @param points a family's numbers and the logarithm of their mass, prior times likelihood
 */
record Posterior(List<Point> points) {

  /** A grid's places in each direction: of a family without numbers, with one, with two. */
  private static final int[] PLACES = {1, 40, 15};

  private static final int ZOOMS = 4;

  /** What is less likely than the best by this factor, as a logarithm, is left out. */
  private static final double NEGLIGIBLE = 9;

  record Point(double[] at, double logMass) {}

  /**
   * @param low the box that the numbers lie in, one side each; none for a family without
   * @param logDensity of prior times likelihood
   */
  static Posterior of(double[] low, double[] high, ToDoubleFunction<double[]> logDensity) {
    double[] from = low.clone();
    double[] to = high.clone();
    List<Point> points = grid(from, to, logDensity);
    for (int zoom = 1; zoom < ZOOMS && low.length > 0; zoom++) {
      shrink(from, to, points, low, high);
      points = grid(from, to, logDensity);
    }
    return new Posterior(points);
  }

  /** The points in the middles of the cells; the mass of a cell is density times volume. */
  private static List<Point> grid(
      double[] from, double[] to, ToDoubleFunction<double[]> logDensity) {
    int places = PLACES[from.length];
    double logVolume = 0;
    int cells = 1;
    for (int d = 0; d < from.length; d++) {
      logVolume += Math.log((to[d] - from[d]) / places);
      cells *= places;
    }
    List<Point> points = new ArrayList<>(cells);
    for (int cell = 0; cell < cells; cell++) {
      double[] at = new double[from.length];
      int rest = cell;
      for (int d = 0; d < from.length; d++) {
        at[d] = from[d] + (rest % places + 0.5) * (to[d] - from[d]) / places;
        rest /= places;
      }
      points.add(new Point(at, logDensity.applyAsDouble(at) + logVolume));
    }
    return points;
  }

  private static void shrink(
      double[] from, double[] to, List<Point> points, double[] low, double[] high) {
    double most = points.stream().mapToDouble(Point::logMass).max().orElseThrow();
    for (int d = 0; d < from.length; d++) {
      double width = (to[d] - from[d]) / PLACES[from.length];
      double first = Double.POSITIVE_INFINITY;
      double last = Double.NEGATIVE_INFINITY;
      for (Point point : points) {
        if (point.logMass() > most - NEGLIGIBLE) {
          first = Math.min(first, point.at()[d]);
          last = Math.max(last, point.at()[d]);
        }
      }
      from[d] = Math.max(low[d], first - width);
      to[d] = Math.min(high[d], last + width);
    }
  }
}
