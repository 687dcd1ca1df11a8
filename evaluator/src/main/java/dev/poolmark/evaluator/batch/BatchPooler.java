package dev.poolmark.evaluator.batch;

import dev.poolmark.evaluator.files.BadDataException;
import dev.poolmark.evaluator.torch.CompiledPooler;
import dev.poolmark.evaluator.torch.EmbeddingTensor;
import dev.poolmark.evaluator.torch.PoolerFault;
import dev.poolmark.evaluator.torch.TokenTensor;
import dev.poolmark.evaluator.torch.TorchEngine;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.OptionalInt;
import java.util.function.Function;

/**
 * Pools sentences, those of like length together, each batch padded within a limit of bytes. For
 * one thread; times nothing.
 */
public final class BatchPooler {

  private static final int MOST_SENTENCES = 64;

  /** Only a batch of a single sentence is larger. */
  private static final long MOST_BYTES = 32L << 20;

  private final Function<TokenTensor, EmbeddingTensor> forward;
  private final BatchBuffer buffer = new BatchBuffer();
  private OptionalInt width;

  /**
   * @param forward a forward pass
   * @param width of the embeddings; where absent, the first batch tells it
   */
  public BatchPooler(Function<TokenTensor, EmbeddingTensor> forward, OptionalInt width) {
    this.forward = forward;
    this.width = width;
  }

  /** The pooler stays the caller's, to be closed by him. */
  public static BatchPooler of(CompiledPooler pooler) {
    return new BatchPooler(pooler::forward, pooler.outputDim());
  }

  /** Takes batches as they are pooled. */
  @FunctionalInterface
  public interface Sink {
    /**
     * @param sentences their numbers, in the order of the batch
     * @param tokens what went in; gone when this returns
     * @param embeddings what came out, {@code (batch, width)}
     */
    void take(int[] sentences, TokenBatch tokens, float[] embeddings);
  }

  /**
   * Pools sentences.
   *
   * @return their embeddings {@code (count, width)}, in the order of the sentences
   * @throws PoolerFault when the pooler misbehaves
   * @throws BadDataException when a sentence, or all embeddings, take more than 2 GiB, or the
   *     tokens hold a NaN or an infinity that the pooler fails on
   */
  public float[] pool(Tokens tokens) {
    Ordered ordered = new Ordered(tokens);
    pool(tokens, ordered);
    return ordered.embeddings;
  }

  /** Puts the embeddings of batches into the order of the sentences. */
  private final class Ordered implements Sink {
    private final Tokens tokens;
    private float[] embeddings = new float[0];

    Ordered(Tokens tokens) {
      this.tokens = tokens;
    }

    @Override
    public void take(int[] sentences, TokenBatch batch, float[] pooled) {
      if (embeddings.length == 0) {
        embeddings = new float[size(tokens)];
      }
      for (int i = 0; i < sentences.length; i++) {
        System.arraycopy(pooled, i * width(), embeddings, sentences[i] * width(), width());
      }
    }
  }

  private int size(Tokens tokens) {
    long size = (long) tokens.count() * width();
    if (size > Integer.MAX_VALUE / Float.BYTES) {
      throw new BadDataException(
          Path.of(tokens.name()),
          "embeddings of at most 2 GiB",
          String.format(Locale.ROOT, "%d sentences of %d numbers", tokens.count(), width()));
    }
    return (int) size;
  }

  /**
   * Pools sentences, and hands over each batch, the shortest first.
   *
   * @throws PoolerFault when the pooler misbehaves
   * @throws BadDataException when a sentence takes more than 2 GiB
   */
  public void pool(Tokens tokens, Sink sink) {
    TorchEngine.prepareThread();
    long mostTokens = MOST_BYTES / Float.BYTES / tokens.dim();
    List<int[]> batches =
        ByLength.batches(tokens.count(), tokens::length, MOST_SENTENCES, mostTokens);
    buffer.reserveLargest(tokens, batches);
    for (int[] sentences : batches) {
      TokenBatch batch = buffer.fill(tokens, List.of(sentences)).get(0);
      sink.take(sentences, batch, forward(tokens, sentences, batch));
    }
  }

  /** Of a pooler that fails on numbers that are none, they are to blame, and not the pooler. */
  private float[] forward(Tokens tokens, int[] sentences, TokenBatch batch) {
    try {
      return forward(batch);
    } catch (PoolerFault fault) {
      checkFinite(tokens, sentences, batch);
      throw fault;
    }
  }

  private static void checkFinite(Tokens tokens, int[] sentences, TokenBatch batch) {
    FloatBuffer numbers = batch.buffer().asFloatBuffer();
    for (int i = 0; i < numbers.limit(); i++) {
      if (!Float.isFinite(numbers.get(i))) {
        int token = i / batch.dim();
        throw new BadDataException(
            Path.of(tokens.name()),
            "finite numbers",
            String.format(
                Locale.ROOT,
                "%s in token %d of sentence %d",
                numbers.get(i),
                token % batch.seqLen() + 1,
                sentences[token / batch.seqLen()] + 1));
      }
    }
  }

  private float[] forward(TokenBatch batch) {
    int size = batch.size();
    try (TokenTensor tensor = new TokenTensor(batch.buffer(), size, batch.seqLen(), batch.dim())) {
      EmbeddingTensor embeddings = forward.apply(tensor);
      if (width.isEmpty()) {
        width = OptionalInt.of(embeddings.dim(size));
      }
      return embeddings.values(size, width());
    }
  }

  /** The width of the embeddings, known after the first batch at the latest. */
  public int width() {
    return width.orElseThrow();
  }
}
