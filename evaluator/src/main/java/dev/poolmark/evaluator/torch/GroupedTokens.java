package dev.poolmark.evaluator.torch;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/**
 * The sentences of a training batch in several tensors, so that none is padded to the longest of
 * all.
 *
 * @param groups tensors of sentences of similar lengths
 * @param order which sentence of the batch each one is, over all groups, counted from 0
 */
public record GroupedTokens(List<TokenTensor> groups, int[] order) implements AutoCloseable {

  public GroupedTokens {
    groups = List.copyOf(groups);
    int sentences = groups.stream().mapToInt(TokenTensor::batch).sum();
    int[] sorted = order.clone();
    Arrays.sort(sorted);
    if (!Arrays.equals(sorted, IntStream.range(0, sentences).toArray())) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "expected an order of %d sentences, found one of %d",
              sentences,
              order.length));
    }
  }

  /** All sentences in one tensor, in the order of the batch. */
  public static GroupedTokens of(TokenTensor all) {
    return new GroupedTokens(List.of(all), IntStream.range(0, all.batch()).toArray());
  }

  /** How many sentences there are. */
  int batch() {
    return order.length;
  }

  /** Where each sentence of the batch stands among those of the groups. */
  long[] positions() {
    long[] positions = new long[order.length];
    for (int i = 0; i < order.length; i++) {
      positions[order[i]] = i;
    }
    return positions;
  }

  @Override
  public void close() {
    groups.forEach(TokenTensor::close);
  }
}
