package dev.poolmark.evaluator.evaluation;

import org.jspecify.annotations.Nullable;

/**
 * One pooler beside the reference, ready to run on the data. Nothing but a forward pass is timed.
 *
 * <p>A batch is of sentences by their numbers, as {@link Condition#batches} counts them. All
 * methods throw {@link dev.poolmark.evaluator.torch.PoolerFault} when the pooler is at fault.
 */
interface Bench extends AutoCloseable {

  /** Which of the two is meant. */
  enum Runner {
    POOLER,
    REFERENCE
  }

  /**
   * What is known of the pooler once it is loaded.
   *
   * @param python its version; null where the pooler runs in Java
   */
  record Facts(
      int outputDim,
      long parameters,
      long parameterBytes,
      String torch,
      int threads,
      @Nullable String python) {}

  Engine engine();

  Facts facts();

  /** The pooler's embeddings of a batch, {@code (batch, outputDim)} row-major. */
  float[] embed(int[] batch);

  /** Passes that are not counted, of both, until the way to torch is fast and its memory is had. */
  void warmUp(Condition condition);

  /**
   * Passes all batches of a condition once.
   *
   * @return nanoseconds in forward passes
   */
  long pass(Runner runner, Condition condition);

  /**
   * Whole passes of the pooler and of the reference in turn; which begins alternates.
   *
   * @param passed runs after each of both
   */
  default PassTimes inTurn(Condition condition, int passes, Runnable passed) {
    double[] pooler = new double[passes];
    double[] reference = new double[passes];
    for (int pass = 0; pass < passes; pass++) {
      boolean referenceFirst = pass % 2 == 1;
      if (referenceFirst) {
        reference[pass] = pass(Runner.REFERENCE, condition);
      }
      pooler[pass] = pass(Runner.POOLER, condition);
      if (!referenceFirst) {
        reference[pass] = pass(Runner.REFERENCE, condition);
      }
      passed.run();
    }
    return new PassTimes(condition, pooler, reference);
  }

  /**
   * Passes one batch through the pooler, assembled just before.
   *
   * @return nanoseconds in the forward pass
   */
  long pass(int[] batch);

  @Override
  void close();
}
