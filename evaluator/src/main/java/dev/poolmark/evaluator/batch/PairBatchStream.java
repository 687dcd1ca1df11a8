package dev.poolmark.evaluator.batch;

import dev.poolmark.evaluator.dataset.Side;
import dev.poolmark.evaluator.dataset.TokenStore;
import dev.poolmark.evaluator.files.BadDataException;
import io.vertx.core.Context;
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
    super(context, store, plan(store.rows(), Math.min(batchSize, store.rows())));
    this.batchSize = batchSize;
  }

  private static List<List<Selection>> plan(int pairs, int batchSize) {
    if (batchSize < 1) {
      throw new IllegalArgumentException("a batch has at least 1 pair, found " + batchSize);
    }
    return IntStream.iterate(0, from -> from < pairs, from -> from + batchSize)
        .mapToObj(
            from -> {
              int to = Math.min(from + batchSize, pairs);
              return List.of(
                  Selection.range(Side.FIRST, from, to), Selection.range(Side.SECOND, from, to));
            })
        .toList();
  }

  @Override
  PairBatch batch(int index, List<TokenBatch> filled) {
    return new PairBatch(filled.get(0), filled.get(1), index * batchSize);
  }
}
