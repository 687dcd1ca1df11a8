package dev.poolmark.evaluator.batch;

import dev.poolmark.evaluator.dataset.Side;
import java.util.stream.IntStream;

/** Sentences of one side that make a batch, by their numbers from 0. */
record Selection(Side side, int[] sentences) {

  /** Neighbours, from one to before another. */
  static Selection range(Side side, int from, int to) {
    return new Selection(side, IntStream.range(from, to).toArray());
  }
}
