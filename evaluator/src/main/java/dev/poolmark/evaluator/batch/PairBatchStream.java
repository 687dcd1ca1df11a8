package dev.poolmark.evaluator.batch;

import dev.poolmark.evaluator.dataset.Side;
import dev.poolmark.evaluator.dataset.TokenStore;
import dev.poolmark.evaluator.files.BadDataException;
import io.vertx.core.Context;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** All pairs of a data set in the order of the files. */
public final class PairBatchStream extends BatchStream<PairBatch> {

  private final int batchSize;

  /**
   * Makes the stream; it starts with its handler.
   *
   * @param batchSize pairs a batch; the last one may have fewer
   * @throws BadDataException where a batch would take more than 2 GiB
   */
  public PairBatchStream(Context context, TokenStore store, int batchSize) {
    super(context, store, plan(store, Math.min(batchSize, store.rows())));
    this.batchSize = batchSize;
  }

  private static List<List<Tokens>> plan(TokenStore store, int batchSize) {
    if (batchSize < 1) {
      throw new IllegalArgumentException("a batch has at least 1 pair, found " + batchSize);
    }
    int pairs = store.rows();
    List<List<Tokens>> batches = new ArrayList<>();
    for (int from = 0, to; from < pairs; from = to) {
      to = (int) Math.min((long) from + batchSize, pairs);
      int[] rows = IntStream.range(from, to).toArray();
      batches.add(
          List.of(
              StoreTokens.of(store, Side.FIRST, rows), StoreTokens.of(store, Side.SECOND, rows)));
    }
    return batches;
  }

  @Override
  PairBatch batch(int index, List<TokenBatch> filled) {
    return new PairBatch(filled.get(0), filled.get(1), index * batchSize);
  }
}
