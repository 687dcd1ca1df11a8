package dev.poolmark.evaluator.encoding;

import dev.poolmark.evaluator.dataset.Side;
import dev.poolmark.evaluator.dataset.TokenStore;
import dev.poolmark.evaluator.encoder.TokenEmbeddings;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/** The plainest pooling and correlation, to hold the encoders' output against known figures. */
final class Pooling {

  private Pooling() {}

  static TokenEmbeddings sentence(TokenStore store, Side side, int index) {
    return new TokenEmbeddings(store.dim(), store.tokens(side, index));
  }

  static float[] mean(TokenEmbeddings e) {
    return weighted(e, t -> 1);
  }

  static float[] weightedMean(TokenEmbeddings e) {
    return weighted(e, t -> t + 1);
  }

  static float[] cls(TokenEmbeddings e) {
    return Arrays.copyOf(e.values(), e.dim());
  }

  static float[] lastToken(TokenEmbeddings e) {
    return slice(e.values(), e.values().length - e.dim(), e.values().length);
  }

  static float[] max(TokenEmbeddings e) {
    float[] max = cls(e);
    for (int i = e.dim(); i < e.values().length; i++) {
      max[i % e.dim()] = Math.max(max[i % e.dim()], e.values()[i]);
    }
    return max;
  }

  static float[] slice(float[] values, int from, int to) {
    return Arrays.copyOfRange(values, from, to);
  }

  private static float[] weighted(
      TokenEmbeddings e, java.util.function.IntToDoubleFunction weight) {
    double[] sum = new double[e.dim()];
    double weights = 0;
    for (int t = 0; t < e.tokens(); t++) {
      double w = weight.applyAsDouble(t);
      weights += w;
      for (int d = 0; d < e.dim(); d++) {
        sum[d] += w * e.values()[t * e.dim() + d];
      }
    }
    float[] mean = new float[e.dim()];
    for (int d = 0; d < mean.length; d++) {
      mean[d] = (float) (sum[d] / weights);
    }
    return mean;
  }

  static double cosine(float[] a, float[] b) {
    double ab = 0;
    double aa = 0;
    double bb = 0;
    for (int i = 0; i < a.length; i++) {
      ab += (double) a[i] * b[i];
      aa += (double) a[i] * a[i];
      bb += (double) b[i] * b[i];
    }
    return ab / Math.sqrt(aa * bb);
  }

  static double pearson(List<Double> x, List<Double> y) {
    return pearson(array(x), array(y));
  }

  static double spearman(List<Double> x, List<Double> y) {
    return pearson(ranks(array(x)), ranks(array(y)));
  }

  private static double[] array(List<Double> values) {
    return values.stream().mapToDouble(Double::doubleValue).toArray();
  }

  private static double pearson(double[] x, double[] y) {
    double meanX = Arrays.stream(x).average().orElseThrow();
    double meanY = Arrays.stream(y).average().orElseThrow();
    double xy = 0;
    double xx = 0;
    double yy = 0;
    for (int i = 0; i < x.length; i++) {
      xy += (x[i] - meanX) * (y[i] - meanY);
      xx += (x[i] - meanX) * (x[i] - meanX);
      yy += (y[i] - meanY) * (y[i] - meanY);
    }
    return xy / Math.sqrt(xx * yy);
  }

  /** Ties share the mean of their ranks. */
  private static double[] ranks(double[] values) {
    int[] order =
        IntStream.range(0, values.length)
            .boxed()
            .sorted((a, b) -> Double.compare(values[a], values[b]))
            .mapToInt(Integer::intValue)
            .toArray();
    double[] ranks = new double[values.length];
    for (int from = 0, to; from < order.length; from = to) {
      to = from + 1;
      while (to < order.length && values[order[to]] == values[order[from]]) {
        to++;
      }
      for (int i = from; i < to; i++) {
        ranks[order[i]] = (from + to + 1) / 2.0;
      }
    }
    return ranks;
  }
}
