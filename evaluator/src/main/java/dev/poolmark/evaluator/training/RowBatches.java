package dev.poolmark.evaluator.training;

import dev.poolmark.evaluator.batch.BatchBuffer;
import dev.poolmark.evaluator.batch.ByLength;
import dev.poolmark.evaluator.batch.StoreTokens;
import dev.poolmark.evaluator.batch.Tokens;
import dev.poolmark.evaluator.dataset.TokenStore;
import dev.poolmark.evaluator.torch.GroupedTokens;
import dev.poolmark.evaluator.torch.TokenTensor;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Makes batches of pairs or triplets: all first sentences, then all second ones, and so on. Their
 * buffer is reused, so they must be closed before the next ones are made.
 */
final class RowBatches {

  /** Sentences a group: fewer pad less, but each group is a forward pass of its own. */
  private static final int GROUP = 32;

  /** A long sentence is in a group of its own, or short ones would be padded to it. */
  private static final long GROUP_BYTES = 32L << 20;

  private final TokenStore store;
  private final double[] numbers;
  private final BatchBuffer buffer = new BatchBuffer();

  RowBatches(TokenStore store) {
    this.store = store;
    this.numbers = store.numbers();
  }

  /**
   * The rows' tokens, in groups of sentences of similar lengths.
   *
   * @throws dev.poolmark.evaluator.files.BadDataException where they take more than 2 GiB
   */
  GroupedTokens grouped(int[] rows) {
    Tokens tokens = StoreTokens.of(store, rows);
    List<int[]> groups =
        ByLength.batches(
            tokens.count(), tokens::length, GROUP, GROUP_BYTES / Float.BYTES / tokens.dim());
    List<TokenTensor> tensors =
        buffer.fill(tokens, groups).stream()
            .map(
                batch -> new TokenTensor(batch.buffer(), batch.size(), batch.seqLen(), batch.dim()))
            .toList();
    return new GroupedTokens(tensors, groups.stream().flatMapToInt(IntStream::of).toArray());
  }

  /** The rows' labels or margins; zeros where they have none. */
  float[] numbers(int[] rows) {
    float[] taken = new float[rows.length];
    for (int i = 0; i < rows.length && numbers.length > 0; i++) {
      taken[i] = (float) numbers[rows[i]];
    }
    return taken;
  }
}
