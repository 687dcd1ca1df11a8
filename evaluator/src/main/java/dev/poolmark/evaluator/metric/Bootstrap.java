package dev.poolmark.evaluator.metric;

import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * The bootstrap (Efron 1979): how much a figure would vary over other samples like this one,
 * estimated by drawing as many items from the sample, with replacement, again and again.
 *
 * <p>A resample is held as how often each item was drawn. The values are sorted once; on each
 * resample the average ranks follow from a walk along that order, so a Spearman correlation costs
 * O(n) a resample and nothing is sorted again.
 *
 * @param resamples how many resamples are drawn
 * @param seed the same seed, number of items and resamples give the same resamples
 */
public record Bootstrap(int resamples, long seed) {

  private static final long SEED = 20_240_901;

  public Bootstrap {
    if (resamples < 1) {
      throw new IllegalArgumentException("at least 1 resample is needed, found " + resamples);
    }
  }

  /**
   * What a report uses: 1000 resamples up to 100,000 pairs, then fewer, at least 200, so that the
   * time stays within seconds however many pairs there are.
   */
  public static Bootstrap ofPairs(int pairs) {
    int affordable = (int) Math.min(1000, 100_000_000L / Math.max(1, pairs));
    return new Bootstrap(Math.max(200, affordable), SEED);
  }

  /**
   * The replicates of a correlation, resampling pairs. Called for two poolers on the same labels,
   * it resamples both alike: {@code of(a).minus(of(b))} is the paired difference.
   *
   * @param similarities how close each pair is
   * @param labels the label of each pair
   */
  public Replicates correlation(Correlation kind, double[] similarities, double[] labels) {
    if (similarities.length != labels.length || labels.length == 0) {
      throw new IllegalArgumentException(
          "as many similarities as labels are needed, and at least one, found "
              + similarities.length
              + " and "
              + labels.length);
    }
    return switch (kind) {
      case PEARSON -> pearson(similarities, labels);
      case SPEARMAN -> spearman(similarities, labels);
    };
  }

  /** The replicates of a metric over all pairs. */
  public Replicates correlation(Metric metric, PairScores scores) {
    return correlation(
        metric.correlation(), scores.similarities(metric.similarity()), scores.labels());
  }

  /**
   * The replicates of a mean over items, such as an accuracy over triplets. Called for two poolers
   * on the same items, it resamples both alike.
   */
  public Replicates mean(double[] values) {
    if (values.length == 0) {
      throw new IllegalArgumentException("at least one value is needed, found none");
    }
    SplittableRandom random = new SplittableRandom(seed);
    int[] counts = new int[values.length];
    double[] means = new double[resamples];
    for (int r = 0; r < resamples; r++) {
      draw(random, counts);
      double sum = 0;
      for (int i = 0; i < values.length; i++) {
        sum += counts[i] * values[i];
      }
      means[r] = sum / values.length;
    }
    return new Replicates(means);
  }

  /** Pearson's, weighted by how often each pair was drawn, around the means of the sample. */
  private Replicates pearson(double[] similarities, double[] labels) {
    double[] x = centred(similarities);
    double[] y = centred(labels);
    int n = x.length;
    boolean undefined = Correlation.isConstant(similarities) || Correlation.isConstant(labels);
    SplittableRandom random = new SplittableRandom(seed);
    int[] counts = new int[n];
    double[] correlations = new double[resamples];
    for (int r = 0; r < resamples; r++) {
      draw(random, counts);
      double sx = 0;
      double sy = 0;
      double xx = 0;
      double yy = 0;
      double xy = 0;
      for (int i = 0; i < n; i++) {
        double cx = counts[i] * x[i];
        double cy = counts[i] * y[i];
        sx += cx;
        sy += cy;
        xx += cx * x[i];
        yy += cy * y[i];
        xy += cx * y[i];
      }
      correlations[r] =
          undefined
              ? Double.NaN
              : quotient(xy - sx * sy / n, xx - sx * sx / n, yy - sy * sy / n, n);
    }
    return new Replicates(correlations);
  }

  private Replicates spearman(double[] similarities, double[] labels) {
    int n = labels.length;
    RelevanceOrder byLabel = RelevanceOrder.of(labels);
    RelevanceOrder bySimilarity = RelevanceOrder.of(similarities);
    boolean undefined = Correlation.isConstant(similarities) || Correlation.isConstant(labels);
    SplittableRandom random = new SplittableRandom(seed);
    int[] counts = new int[n];
    double[] labelRanks = new double[n];
    double[] correlations = new double[resamples];
    for (int r = 0; r < resamples; r++) {
      draw(random, counts);
      double yy = rank(byLabel, counts, labelRanks);
      correlations[r] =
          undefined ? Double.NaN : rankCorrelation(bySimilarity, counts, labelRanks, yy);
    }
    return new Replicates(correlations);
  }

  /**
   * Gives each pair the average rank that it has in the resample, centred: a group of equal values,
   * drawn {@code w} times in all after {@code below} lower draws, has ranks {@code below + 1} to
   * {@code below + w}, and the mean of all ranks is {@code (n + 1) / 2}.
   *
   * @return the sum of the ranks' squares over the resample
   */
  private static double rank(RelevanceOrder ranking, int[] counts, double[] ranks) {
    int[] order = ranking.order();
    double middle = order.length / 2.0;
    double squares = 0;
    int below = 0;
    int start = 0;
    for (int end : ranking.ends()) {
      int w = 0;
      for (int i = start; i < end; i++) {
        w += counts[order[i]];
      }
      double rank = below + w / 2.0 - middle;
      for (int i = start; i < end; i++) {
        ranks[order[i]] = rank;
      }
      squares += w * rank * rank;
      below += w;
      start = end;
    }
    return squares;
  }

  /** As {@link #rank}, but takes the products with the other column's ranks on the way. */
  private static double rankCorrelation(
      RelevanceOrder ranking, int[] counts, double[] otherRanks, double otherSquares) {
    int[] order = ranking.order();
    double middle = order.length / 2.0;
    double squares = 0;
    double products = 0;
    int below = 0;
    int start = 0;
    for (int end : ranking.ends()) {
      int w = 0;
      double others = 0;
      for (int i = start; i < end; i++) {
        int count = counts[order[i]];
        w += count;
        others += count * otherRanks[order[i]];
      }
      double rank = below + w / 2.0 - middle;
      squares += w * rank * rank;
      products += others * rank;
      below += w;
      start = end;
    }
    return quotient(products, squares, otherSquares, order.length);
  }

  /** NaN where the resample happens to hold one value only, but for the rounding of n sums. */
  private static double quotient(double xy, double xx, double yy, int n) {
    double noise = 1e-15 * n;
    return xx > noise && yy > noise
        ? Correlation.clamp(xy / (Math.sqrt(xx) * Math.sqrt(yy)))
        : Double.NaN;
  }

  /**
   * Draws as many items as there are, with replacement. Multiplying 32 random bits by n and keeping
   * the upper half takes no division (Lemire, "Fast random integer generation in an interval",
   * 2019); its bias, below n / 2^32, is nothing beside the resampling's own noise.
   */
  private static void draw(SplittableRandom random, int[] counts) {
    Arrays.fill(counts, 0);
    int n = counts.length;
    for (int i = 0; i < n; i += 2) {
      long bits = random.nextLong();
      counts[(int) ((bits >>> 32) * n >>> 32)]++;
      if (i + 1 < n) {
        counts[(int) ((bits & 0xFFFFFFFFL) * n >>> 32)]++;
      }
    }
  }

  /** Around the mean, and scaled to at most 1: no resample's sums can overflow or cancel. */
  private static double[] centred(double[] values) {
    double mean = Correlation.mean(values);
    double largest = 0;
    for (double value : values) {
      largest = Math.max(largest, Math.abs(value - mean));
    }
    double scale = largest > 0 ? 1 / largest : 1;
    return Arrays.stream(values).map(value -> (value - mean) * scale).toArray();
  }
}
