package dev.poolmark.evaluator.batch;

import dev.poolmark.evaluator.dataset.Side;
import dev.poolmark.evaluator.dataset.TokenStore;
import dev.poolmark.evaluator.files.BadDataException;
import io.vertx.core.Context;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** All sentences of all sides, shortest first, so that a batch has hardly any padding. */
public final class SentenceBatchStream extends BatchStream<TokenBatch> {

  /**
   * Makes the stream; it starts with its handler.
   *
   * @param batchSize sentences a batch, all of one side; the last one of a side may have fewer
   * @throws BadDataException where a batch would take more than 2 GiB
   */
  public SentenceBatchStream(Context context, TokenStore store, int batchSize) {
    super(context, store, plan(store, Math.min(batchSize, store.rows())));
  }

  private static List<List<Tokens>> plan(TokenStore store, int batchSize) {
    if (batchSize < 1) {
      throw new IllegalArgumentException("a batch has at least 1 sentence, found " + batchSize);
    }
    List<Tokens> batches = new ArrayList<>();
    for (Side side : store.layout().sides()) {
      for (int[] rows :
          ByLength.batches(
              store.rows(), row -> store.length(side, row), batchSize, Long.MAX_VALUE)) {
        batches.add(StoreTokens.of(store, side, rows));
      }
    }
    return batches.stream()
        .sorted(Comparator.comparingInt(batch -> batch.length(batch.count() - 1)))
        .map(List::of)
        .toList();
  }

  @Override
  TokenBatch batch(int index, List<TokenBatch> filled) {
    return filled.get(0);
  }
}
