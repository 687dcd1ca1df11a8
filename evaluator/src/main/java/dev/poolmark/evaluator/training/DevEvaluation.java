package dev.poolmark.evaluator.training;

import dev.poolmark.evaluator.dataset.Layout;
import dev.poolmark.evaluator.dataset.TokenStore;
import dev.poolmark.evaluator.metric.Metric;
import dev.poolmark.evaluator.metric.PairScores;
import dev.poolmark.evaluator.metric.TripletScores;
import dev.poolmark.evaluator.torch.EmbeddingTensor;
import dev.poolmark.evaluator.torch.PoolerFault;
import dev.poolmark.evaluator.torch.TokenTensor;
import java.util.Arrays;
import java.util.Comparator;
import java.util.function.BiConsumer;
import java.util.function.Function;

/** Measures the quality of poolers on some rows, by the metric that scoring uses; times nothing. */
public final class DevEvaluation {

  private static final int BATCH = 128;

  private final DataRows dev;
  private final RowBatches tensor;
  private final int[] byLength;
  private final int outputDim;

  public DevEvaluation(DataRows dev, int outputDim) {
    this.dev = dev;
    this.tensor = new RowBatches(dev.store());
    this.byLength =
        Arrays.stream(dev.rows())
            .boxed()
            .sorted(Comparator.comparingInt(this::length))
            .mapToInt(Integer::intValue)
            .toArray();
    this.outputDim = outputDim;
  }

  /** The longest sentence's, to which the others are padded. */
  private int length(int row) {
    TokenStore store = dev.store();
    return store.layout().sides().stream()
        .mapToInt(side -> store.length(side, row))
        .max()
        .orElseThrow();
  }

  /**
   * @param pooler a forward pass
   * @throws PoolerFault when its embeddings are not what they should be, or all alike
   */
  public DevFigures of(Function<TokenTensor, EmbeddingTensor> pooler) {
    return dev.store().layout() == Layout.TRIPLETS ? ofTriplets(pooler) : ofPairs(pooler);
  }

  private DevFigures ofPairs(Function<TokenTensor, EmbeddingTensor> pooler) {
    PairScores scores = new PairScores(dev.size());
    embed(
        pooler,
        (rows, embeddings) -> {
          float[] labels = tensor.numbers(rows);
          for (int i = 0; i < rows.length; i++) {
            int second = (rows.length + i) * outputDim;
            scores.add(labels[i], embeddings, i * outputDim, embeddings, second, outputDim);
          }
        });
    return DevFigures.ofPairs(
        correlation(scores, Metric.COSINE_SPEARMAN), correlation(scores, Metric.COSINE_PEARSON));
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
    int sides = dev.store().layout().sides().size();
    for (int from = 0; from < byLength.length; from += BATCH) {
      int[] rows = Arrays.copyOfRange(byLength, from, Math.min(byLength.length, from + BATCH));
      try (TokenTensor x = tensor.of(rows)) {
        sink.accept(rows, pooler.apply(x).values(sides * rows.length, outputDim));
      }
    }
  }

  private static double correlation(PairScores scores, Metric metric) {
    return scores
        .correlation(metric)
        .orElseThrow(() -> new PoolerFault(scores.whyUndefined(metric).orElse("undefined")));
  }
}
