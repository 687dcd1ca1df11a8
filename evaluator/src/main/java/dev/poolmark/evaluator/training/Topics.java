package dev.poolmark.evaluator.training;

import dev.poolmark.evaluator.dataset.Side;
import dev.poolmark.evaluator.dataset.TokenStore;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;

/**
 * What rows are about, as far as their tokens tell: clusters of the directions of their means, by
 * Lloyd's algorithm from a start that is spread out (Arthur and Vassilvitskii, k-means++, 2007).
 */
final class Topics {

  /** More rows would hardly move the centres. */
  private static final int MOST_ROWS = 4000;

  private static final int STEPS = 25;

  private final TokenStore store;
  private final List<double[]> centres;

  private Topics(TokenStore store, List<double[]> centres) {
    this.store = store;
    this.centres = centres;
  }

  /**
   * The topic of each of some rows, from 0.
   *
   * @param rows at least as many as topics
   */
  static int[] of(TokenStore store, int[] rows, int topics, long seed) {
    int some = Math.min(rows.length, MOST_ROWS);
    List<double[]> directions =
        IntStream.range(0, some)
            .map(i -> rows[(int) ((long) i * rows.length / some)])
            .mapToObj(row -> direction(store, row))
            .toList();
    Topics fitted = new Topics(store, start(directions, topics, new Random(seed)));
    for (int step = 0; step < STEPS; step++) {
      fitted.move(directions);
    }
    return IntStream.of(rows).map(fitted::topic).toArray();
  }

  private int topic(int row) {
    return nearest(direction(store, row));
  }

  /** Each centre is a direction, the likelier the farther it is from those before it. */
  private static List<double[]> start(List<double[]> directions, int topics, Random random) {
    List<double[]> centres = new ArrayList<>();
    centres.add(directions.get(random.nextInt(directions.size())));
    double[] distances = new double[directions.size()];
    while (centres.size() < topics) {
      double sum = 0;
      for (int i = 0; i < distances.length; i++) {
        double[] direction = directions.get(i);
        distances[i] =
            centres.stream().mapToDouble(c -> distance(c, direction)).min().orElseThrow();
        sum += distances[i];
      }
      double left = random.nextDouble() * sum;
      int chosen = 0;
      while (chosen < distances.length - 1 && left >= distances[chosen]) {
        left -= distances[chosen];
        chosen++;
      }
      centres.add(directions.get(chosen));
    }
    return centres;
  }

  /** Moves each centre to the mean of those that it is nearest to. */
  private void move(List<double[]> directions) {
    double[][] sums = new double[centres.size()][directions.get(0).length];
    int[] counts = new int[centres.size()];
    for (double[] direction : directions) {
      int at = nearest(direction);
      counts[at]++;
      for (int d = 0; d < direction.length; d++) {
        sums[at][d] += direction[d];
      }
    }
    for (int i = 0; i < sums.length; i++) {
      if (counts[i] > 0) {
        for (int d = 0; d < sums[i].length; d++) {
          sums[i][d] /= counts[i];
        }
        centres.set(i, sums[i]);
      }
    }
  }

  private int nearest(double[] direction) {
    int nearest = 0;
    double least = Double.MAX_VALUE;
    for (int i = 0; i < centres.size(); i++) {
      double distance = distance(centres.get(i), direction);
      if (distance < least) {
        least = distance;
        nearest = i;
      }
    }
    return nearest;
  }

  private static double distance(double[] one, double[] other) {
    double sum = 0;
    for (int d = 0; d < one.length; d++) {
      sum += (one[d] - other[d]) * (one[d] - other[d]);
    }
    return sum;
  }

  /** The sum of the directions of a row's sentences. */
  private static double[] direction(TokenStore store, int row) {
    double[] direction = new double[store.dim()];
    for (Side side : store.layout().sides()) {
      double[] sum = sum(store, side, row);
      double norm = Math.max(Math.sqrt(distance(sum, new double[sum.length])), 1e-12);
      for (int d = 0; d < direction.length; d++) {
        direction[d] += sum[d] / norm;
      }
    }
    return direction;
  }

  private static double[] sum(TokenStore store, Side side, int row) {
    float[] values = store.tokens(side, row);
    double[] sum = new double[store.dim()];
    for (int i = 0; i < values.length; i++) {
      sum[i % store.dim()] += values[i];
    }
    return sum;
  }
}
