package dev.poolmark.evaluator.tuning;

import dev.poolmark.evaluator.dataset.Side;
import dev.poolmark.evaluator.dataset.TokenStore;
import dev.poolmark.evaluator.metric.Metric;
import dev.poolmark.evaluator.metric.PairScores;
import dev.poolmark.evaluator.metric.Similarity;
import dev.poolmark.evaluator.torch.CompiledPooler;
import dev.poolmark.evaluator.torch.PrincipalAxes;
import dev.poolmark.evaluator.torch.Tensor;
import dev.poolmark.evaluator.torch.TokenTensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.OptionalDouble;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/**
 * The means of the sentences' tokens, and how well their cosine follows the labels when they are
 * treated in ways that need no labels. Of many pairs some are taken, evenly.
 */
final class SentenceMeans {

  /** About 60 MB at the contest's width; more would hardly move a figure. */
  private static final int MOST_PAIRS = 10_000;

  /** As many as Su et al. keep. */
  private static final int WHITENED = 256;

  private static final int COSINES = 20_000;
  private static final long SEED = 42;

  /** What a direction without variance counts as, beside the largest. */
  private static final double SMALLEST = 1e-6;

  private final int dim;
  private final int pairs;
  private final int step;
  private final double[] labels;

  /** {@code (2 * pairs, dim)}: all first sentences, then all second ones. */
  private final float[] means;

  private final double[] center;
  private float @Nullable [] centered;
  private @Nullable PrincipalAxes axes;

  SentenceMeans(TokenStore store) {
    this.dim = store.dim();
    this.step = (store.rows() + MOST_PAIRS - 1) / MOST_PAIRS;
    this.pairs = (store.rows() + step - 1) / step;
    this.labels = store.labels();
    this.means = new float[Math.multiplyExact(2 * pairs, dim)];
    this.center = new double[dim];
  }

  /** Takes a sentence's mean, or leaves it. */
  void add(Side side, int row, double[] mean) {
    if (row % step != 0) {
      return;
    }
    int sentence = (side == Side.FIRST ? 0 : pairs) + row / step;
    for (int d = 0; d < dim; d++) {
      means[sentence * dim + d] = (float) mean[d];
      center[d] += mean[d] / (2 * pairs);
    }
  }

  /** The mean cosine of two sentences that are drawn by chance. */
  double meanCosine() {
    Random random = new Random(SEED);
    double[] all = new double[Similarity.values().length];
    double sum = 0;
    for (int i = 0; i < COSINES; i++) {
      int one = random.nextInt(2 * pairs);
      int other = (one + 1 + random.nextInt(2 * pairs - 1)) % (2 * pairs);
      Similarity.all(means, one * dim, means, other * dim, dim, all);
      sum += all[Similarity.COSINE.ordinal()];
    }
    return sum / COSINES;
  }

  /** Spearman's correlation of the means as they are. */
  OptionalDouble spearman() {
    return spearman(means, dim);
  }

  /** Each dimension less its mean, over its standard deviation. */
  OptionalDouble standardisedSpearman() {
    float[] treated = centered().clone();
    for (int d = 0; d < dim; d++) {
      double squares = 0;
      for (int i = d; i < treated.length; i += dim) {
        squares += (double) treated[i] * treated[i];
      }
      double deviation = Math.sqrt(squares / (2 * pairs));
      for (int i = d; i < treated.length && deviation > 0; i += dim) {
        treated[i] /= (float) deviation;
      }
    }
    return spearman(treated, dim);
  }

  /** Centred, and less their part in the first principal components. */
  OptionalDouble spearmanWithoutFirst(int components) {
    int kept = dim - components;
    if (kept < 1) {
      return OptionalDouble.empty();
    }
    return projected(components, kept, 0);
  }

  /**
   * Centred, rotated, and of variance 1 along each of the first principal axes. Of more axes than a
   * fourth of the sentences the last would be noise, and count as much as the first.
   */
  OptionalDouble whitenedSpearman() {
    int count = Math.min(Math.min(dim, WHITENED), Math.max(1, pairs / 2));
    return projected(0, count, 0.5);
  }

  /** Along so many axes from a first on, each divided by its variance to a power. */
  private OptionalDouble projected(int first, int count, double power) {
    float[] matrix = new float[dim * count];
    double least = SMALLEST * axes().variance(0);
    for (int axis = 0; axis < count; axis++) {
      double scale = Math.pow(Math.max(axes().variance(first + axis), least), -power);
      for (int d = 0; d < dim; d++) {
        matrix[d * count + axis] = (float) (scale * axes().value(d, first + axis));
      }
    }
    List<String> lines = List.of("return torch.matmul(torch.sum(x, [1]), self.p)");
    List<Tensor> weights = List.of(new Tensor("p", List.of(dim, count), matrix));
    ByteBuffer tokens =
        ByteBuffer.allocateDirect(Math.multiplyExact(centered().length, Float.BYTES))
            .order(ByteOrder.nativeOrder());
    tokens.asFloatBuffer().put(centered());
    try (CompiledPooler projection = CompiledPooler.of(lines, weights, count);
        TokenTensor x = new TokenTensor(tokens, 2 * pairs, 1, dim)) {
      return spearman(projection.forward(x).values(2 * pairs, count), count);
    }
  }

  private OptionalDouble spearman(float[] embeddings, int width) {
    PairScores scores = new PairScores(pairs);
    for (int pair = 0; pair < pairs; pair++) {
      int second = (pairs + pair) * width;
      scores.add(labels[pair * step], embeddings, pair * width, embeddings, second, width);
    }
    return scores.correlation(Metric.COSINE_SPEARMAN);
  }

  private float[] centered() {
    if (centered == null) {
      centered = means.clone();
      for (int i = 0; i < centered.length; i++) {
        centered[i] -= (float) center[i % dim];
      }
    }
    return centered;
  }

  private PrincipalAxes axes() {
    if (axes == null) {
      axes = PrincipalAxes.of(centered(), dim);
    }
    return axes;
  }
}
