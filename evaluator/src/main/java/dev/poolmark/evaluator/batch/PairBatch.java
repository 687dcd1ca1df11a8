package dev.poolmark.evaluator.batch;

import java.util.Locale;

/**
 * Both sides of some neighbouring pairs.
 *
 * @param first the first sentences
 * @param second the second sentences, padded for themselves
 * @param firstPair number of the first pair, counted from 0
 */
public record PairBatch(TokenBatch first, TokenBatch second, int firstPair) implements Batch {

  public PairBatch {
    if (first.size() != second.size()) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "both sides have as many sentences, found %d and %d",
              first.size(),
              second.size()));
    }
  }

  /** Number of pairs. */
  public int size() {
    return first.size();
  }

  @Override
  public void release() {
    first.release();
    second.release();
  }
}
