package dev.poolmark.evaluator.training;

import dev.poolmark.evaluator.dataset.Side;
import dev.poolmark.evaluator.metric.Metric;
import dev.poolmark.evaluator.metric.PairScores;
import dev.poolmark.evaluator.torch.EmbeddingTensor;
import dev.poolmark.evaluator.torch.PoolerFault;
import dev.poolmark.evaluator.torch.TokenTensor;
import java.util.Arrays;
import java.util.Comparator;
import java.util.function.Function;

/**
 * Measures the quality of poolers on some pairs, by the metric that scoring uses; times nothing.
 */
public final class DevEvaluation {

  private static final int BATCH = 128;

  private final PairRows dev;
  private final PairTensor tensor;
  private final int[] byLength;
  private final int outputDim;

  public DevEvaluation(PairRows dev, int outputDim) {
    this.dev = dev;
    this.tensor = new PairTensor(dev.store());
    this.byLength =
        Arrays.stream(dev.rows())
            .boxed()
            .sorted(Comparator.comparingInt(this::length))
            .mapToInt(Integer::intValue)
            .toArray();
    this.outputDim = outputDim;
  }

  /** The longer sentence's, to which the other one is padded. */
  private int length(int row) {
    return Math.max(dev.store().length(Side.FIRST, row), dev.store().length(Side.SECOND, row));
  }

  /**
   * @param pooler a forward pass
   * @throws PoolerFault when its embeddings are not what they should be, or all alike
   */
  public DevFigures of(Function<TokenTensor, EmbeddingTensor> pooler) {
    PairScores scores = new PairScores(dev.size());
    for (int from = 0; from < byLength.length; from += BATCH) {
      int[] rows = Arrays.copyOfRange(byLength, from, Math.min(byLength.length, from + BATCH));
      float[] labels = tensor.labels(rows);
      try (TokenTensor x = tensor.of(rows)) {
        float[] embeddings = pooler.apply(x).values(2 * rows.length, outputDim);
        for (int i = 0; i < rows.length; i++) {
          int second = (rows.length + i) * outputDim;
          scores.add(labels[i], embeddings, i * outputDim, embeddings, second, outputDim);
        }
      }
    }
    return new DevFigures(
        correlation(scores, Metric.COSINE_SPEARMAN), correlation(scores, Metric.COSINE_PEARSON));
  }

  private static double correlation(PairScores scores, Metric metric) {
    return scores
        .correlation(metric)
        .orElseThrow(() -> new PoolerFault(scores.whyUndefined(metric).orElse("undefined")));
  }
}
