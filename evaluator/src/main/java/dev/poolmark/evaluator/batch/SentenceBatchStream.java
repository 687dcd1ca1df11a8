package dev.poolmark.evaluator.batch;

import dev.poolmark.evaluator.dataset.Side;
import dev.poolmark.evaluator.dataset.TokenStore;
import dev.poolmark.evaluator.files.BadDataException;
import io.vertx.core.Context;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

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

  private static List<List<Selection>> plan(TokenStore store, int batchSize) {
    if (batchSize < 1) {
      throw new IllegalArgumentException("a batch has at least 1 sentence, found " + batchSize);
    }
    List<Selection> batches = new ArrayList<>();
    for (Side side : store.layout().sides()) {
      int[] sorted = ByLength.order(store.rows(), sentence -> store.length(side, sentence));
      for (int from = 0; from < sorted.length; from += batchSize) {
        int to = Math.min(from + batchSize, sorted.length);
        batches.add(new Selection(side, Arrays.copyOfRange(sorted, from, to)));
      }
    }
    return batches.stream()
        .sorted(Comparator.comparingInt(batch -> longest(store, batch)))
        .map(List::of)
        .toList();
  }

  private static int longest(TokenStore store, Selection batch) {
    return IntStream.of(batch.sentences())
        .map(sentence -> store.length(batch.side(), sentence))
        .max()
        .orElseThrow();
  }

  @Override
  TokenBatch batch(int index, List<TokenBatch> filled) {
    return filled.get(0);
  }
}
