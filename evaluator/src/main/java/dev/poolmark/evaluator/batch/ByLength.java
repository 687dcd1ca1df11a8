package dev.poolmark.evaluator.batch;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntUnaryOperator;

/** Puts sentences in the order of their lengths: those of like length together pad the least. */
public final class ByLength {

  private ByLength() {}

  /**
   * @param length of a sentence, by its number; not negative
   * @return all numbers from 0 to below the count, the shortest sentence's first; those of one
   *     length stay in their order
   */
  public static int[] order(int count, IntUnaryOperator length) {
    long[] keys = new long[count];
    for (int i = 0; i < count; i++) {
      keys[i] = (long) length.applyAsInt(i) << Integer.SIZE | i;
    }
    Arrays.sort(keys);
    return Arrays.stream(keys).mapToInt(key -> (int) key).toArray();
  }

  /**
   * Batches of sentences of like length, in their order by length. One has at least a sentence,
   * however long that is.
   *
   * @param mostSentences in a batch
   * @param mostTokens in a batch of two sentences or more, once each is padded to the longest
   */
  public static List<int[]> batches(
      int count, IntUnaryOperator length, int mostSentences, long mostTokens) {
    int[] order = order(count, length);
    List<int[]> batches = new ArrayList<>();
    for (int from = 0, to; from < count; from = to) {
      to = from + 1;
      while (to < count
          && to - from < mostSentences
          && (to + 1L - from) * length.applyAsInt(order[to]) <= mostTokens) {
        to++;
      }
      batches.add(Arrays.copyOfRange(order, from, to));
    }
    return batches;
  }
}
