package dev.poolmark.evaluator.training;

import dev.poolmark.api.Pooler;
import dev.poolmark.evaluator.batch.BatchPooler;
import dev.poolmark.evaluator.batch.StoreTokens;
import dev.poolmark.evaluator.dataset.Layout;
import dev.poolmark.evaluator.metric.Metric;
import dev.poolmark.evaluator.metric.PairScores;
import dev.poolmark.evaluator.metric.TripletScores;
import dev.poolmark.evaluator.torch.CompiledPooler;
import dev.poolmark.evaluator.torch.EmbeddingTensor;
import dev.poolmark.evaluator.torch.PoolerFault;
import dev.poolmark.evaluator.torch.TokenTensor;
import java.util.Arrays;
import java.util.OptionalInt;
import java.util.function.BiConsumer;
import java.util.function.Function;

/** Measures the quality of poolers on some rows, by the metric that scoring uses; times nothing. */
public final class DevEvaluation {

  /** Rows that are embedded at once: enough to find many of like length. */
  private static final int BLOCK = 1024;

  private final DataRows dev;
  private final double[] numbers;
  private final int outputDim;

  public DevEvaluation(DataRows dev, int outputDim) {
    this.dev = dev;
    this.numbers = dev.store().numbers();
    this.outputDim = outputDim;
  }

  /**
   * Measures a pooler as it is.
   *
   * @throws PoolerFault when its embeddings are not what they should be, or all alike
   */
  public static DevFigures figures(Pooler pooler, DataRows rows) {
    try (CompiledPooler compiled = CompiledPooler.of(pooler, rows.store().dim(), 0)) {
      return new DevEvaluation(rows, compiled.outputDim().orElseThrow()).of(compiled::forward);
    }
  }

  /**
   * @param pooler a forward pass
   * @throws PoolerFault when its embeddings are not what they should be, or all alike
   */
  public DevFigures of(Function<TokenTensor, EmbeddingTensor> pooler) {
    return dev.store().layout() == Layout.TRIPLETS ? ofTriplets(pooler) : ofPairs(pooler);
  }

  private DevFigures ofPairs(Function<TokenTensor, EmbeddingTensor> pooler) {
    return figures(scores(pooler));
  }

  /**
   * The figures of pairs that were scored.
   *
   * @throws PoolerFault when all are alike
   */
  public static DevFigures figures(PairScores scores) {
    return DevFigures.ofPairs(
        correlation(scores, Metric.COSINE_SPEARMAN), correlation(scores, Metric.COSINE_PEARSON));
  }

  /**
   * Label and similarities of each pair, in the order of the rows.
   *
   * @param pooler a forward pass
   */
  public PairScores scores(Function<TokenTensor, EmbeddingTensor> pooler) {
    PairScores scores = new PairScores(dev.size());
    embed(
        pooler,
        (rows, embeddings) -> {
          for (int i = 0; i < rows.length; i++) {
            int second = (rows.length + i) * outputDim;
            scores.add(
                (float) numbers[rows[i]], embeddings, i * outputDim, embeddings, second, outputDim);
          }
        });
    return scores;
  }

  private DevFigures ofTriplets(Function<TokenTensor, EmbeddingTensor> pooler) {
    TripletScores scores = new TripletScores(dev.size());
    embed(
        pooler,
        (rows, embeddings) -> {
          for (int i = 0; i < rows.length; i++) {
            int positive = (rows.length + i) * outputDim;
            int negative = (2 * rows.length + i) * outputDim;
            scores.add(
                embeddings, i * outputDim, embeddings, positive, embeddings, negative, outputDim);
          }
        });
    return DevFigures.ofTriplets(scores);
  }

  /** Hands over some rows with the embeddings of all their first sentences, all second ones, … */
  private void embed(
      Function<TokenTensor, EmbeddingTensor> pooler, BiConsumer<int[], float[]> sink) {
    BatchPooler batches = new BatchPooler(pooler, OptionalInt.of(outputDim));
    for (int from = 0; from < dev.size(); from += BLOCK) {
      int[] rows = Arrays.copyOfRange(dev.rows(), from, Math.min(dev.size(), from + BLOCK));
      sink.accept(rows, batches.pool(StoreTokens.of(dev.store(), rows)));
    }
  }

  private static double correlation(PairScores scores, Metric metric) {
    return scores
        .correlation(metric)
        .orElseThrow(() -> new PoolerFault(scores.whyUndefined(metric).orElse("undefined")));
  }
}
