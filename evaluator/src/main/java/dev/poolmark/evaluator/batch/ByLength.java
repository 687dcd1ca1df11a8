package dev.poolmark.evaluator.batch;

import java.util.Comparator;
import java.util.function.IntUnaryOperator;
import java.util.stream.IntStream;

/** Puts sentences in the order of their lengths: those of like length together pad the least. */
public final class ByLength {

  private ByLength() {}

  /**
   * @param length of a sentence, by its number
   * @return all numbers from 0 to below the count, the shortest sentence's first; those of one
   *     length stay in their order
   */
  public static int[] order(int count, IntUnaryOperator length) {
    return IntStream.range(0, count)
        .boxed()
        .sorted(Comparator.comparingInt(length::applyAsInt))
        .mapToInt(Integer::intValue)
        .toArray();
  }
}
