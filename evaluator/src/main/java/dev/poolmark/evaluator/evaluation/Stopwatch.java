package dev.poolmark.evaluator.evaluation;

import dev.poolmark.evaluator.batch.TokenBatch;
import dev.poolmark.evaluator.torch.CompiledPooler;
import dev.poolmark.evaluator.torch.EmbeddingTensor;
import dev.poolmark.evaluator.torch.TokenTensor;
import java.util.Arrays;

/**
 * Times forward passes, and only these, of a pooler and of the reference in turn.
 *
 * <p>A batch is passed {@value #PASSES} times and the fastest pass counts: the first one finds the
 * batch in another core's cache, and whatever else the machine does only ever adds time. Which of
 * the two begins alternates.
 */
final class Stopwatch {

  static final int PASSES = 7;
  private static final long WARM_UP_NANOS = 300_000_000;

  private final CompiledPooler pooler;
  private final CompiledPooler reference;
  private final long[] poolerPasses = new long[PASSES];
  private final long[] referencePasses = new long[PASSES];
  private int outputDim;
  private boolean warm;
  private int turn;

  Stopwatch(CompiledPooler pooler, CompiledPooler reference) {
    this.pooler = pooler;
    this.reference = reference;
  }

  /**
   * What the passes of a batch took and gave.
   *
   * @param referenceNanos 0 where the reference was not asked for
   * @param embeddings the pooler's, {@code (size, outputDim)}
   */
  record Timed(long poolerNanos, long referenceNanos, float[] embeddings) {}

  Timed time(TokenBatch batch, boolean withReference) {
    try (TokenTensor tokens =
        new TokenTensor(batch.buffer(), batch.size(), batch.seqLen(), batch.dim())) {
      if (!warm) {
        warmUp(tokens, batch.size());
      }
      EmbeddingTensor embeddings = null;
      for (int pass = 0; pass < PASSES; pass++) {
        boolean referenceFirst = withReference && (turn++ & 1) == 0;
        if (referenceFirst) {
          referencePasses[pass] = nanosOfReference(tokens);
        }
        long start = System.nanoTime();
        embeddings = pooler.forward(tokens);
        poolerPasses[pass] = System.nanoTime() - start;
        if (withReference && !referenceFirst) {
          referencePasses[pass] = nanosOfReference(tokens);
        }
      }
      return new Timed(
          fastest(poolerPasses),
          withReference ? fastest(referencePasses) : 0,
          embeddings.values(batch.size(), outputDim));
    }
  }

  private long nanosOfReference(TokenTensor tokens) {
    long start = System.nanoTime();
    reference.forward(tokens);
    return System.nanoTime() - start;
  }

  /**
   * Not counted: the first passes set libtorch's allocator up, and run the way to libtorch as
   * bytecode that is not compiled yet, which a cheap pooler would pay for more than the reference.
   */
  private void warmUp(TokenTensor tokens, int batch) {
    outputDim = pooler.outputDim().orElseGet(() -> pooler.forward(tokens).dim(batch));
    long end = System.nanoTime() + WARM_UP_NANOS;
    do {
      pooler.forward(tokens);
      reference.forward(tokens);
    } while (System.nanoTime() < end);
    warm = true;
  }

  int outputDim() {
    return outputDim;
  }

  private static long fastest(long[] passes) {
    return Arrays.stream(passes).min().orElseThrow();
  }
}
