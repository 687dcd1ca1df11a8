package dev.poolmark.evaluator.retrieval;

import dev.poolmark.evaluator.batch.ByLength;
import dev.poolmark.evaluator.batch.SentenceBuffer;
import dev.poolmark.evaluator.batch.TokenBatch;
import dev.poolmark.evaluator.dataset.Side;
import dev.poolmark.evaluator.dataset.TokenStore;
import dev.poolmark.evaluator.torch.CompiledPooler;
import dev.poolmark.evaluator.torch.EmbeddingTensor;
import dev.poolmark.evaluator.torch.TokenTensor;
import dev.poolmark.evaluator.torch.TorchEngine;
import java.util.Arrays;
import java.util.IdentityHashMap;
import java.util.Map;

/** Embeds rows of stores by a pooler, those of like length together. */
final class RowPooler {

  private static final int BATCH = 64;

  private final CompiledPooler pooler;
  private final Map<TokenStore, SentenceBuffer> buffers = new IdentityHashMap<>();
  private int width;

  /** The pooler stays the caller's, to be closed by him. */
  RowPooler(CompiledPooler pooler) {
    this.pooler = pooler;
  }

  /**
   * Embeds rows.
   *
   * @param rows at least one
   * @return their embeddings {@code (rows, width)}, in the order of the rows
   * @throws dev.poolmark.evaluator.torch.PoolerFault when the pooler misbehaves
   */
  float[] pool(TokenStore store, Side side, int[] rows) {
    TorchEngine.prepareThread();
    SentenceBuffer buffer = buffers.computeIfAbsent(store, SentenceBuffer::new);
    int[] byLength = ByLength.order(rows.length, i -> store.length(side, rows[i]));
    float[] pooled = new float[0];
    for (int from = 0; from < byLength.length; from += BATCH) {
      int[] batch = Arrays.copyOfRange(byLength, from, Math.min(from + BATCH, byLength.length));
      int[] batchRows = Arrays.stream(batch).map(i -> rows[i]).toArray();
      float[] values = pool(buffer.read(side, batchRows));
      if (from == 0) {
        pooled = new float[Math.multiplyExact(rows.length, width)];
      }
      for (int i = 0; i < batch.length; i++) {
        System.arraycopy(values, i * width, pooled, batch[i] * width, width);
      }
    }
    return pooled;
  }

  private float[] pool(TokenBatch batch) {
    try (TokenTensor tokens =
        new TokenTensor(batch.buffer(), batch.size(), batch.seqLen(), batch.dim())) {
      EmbeddingTensor embeddings = pooler.forward(tokens);
      if (width == 0) {
        width = embeddings.dim(batch.size());
      }
      return embeddings.values(batch.size(), width);
    }
  }

  /** The width of its embeddings, known after the first. */
  int width() {
    return width;
  }
}
