package dev.poolmark.evaluator.evaluation;

import dev.poolmark.evaluator.dataset.Side;
import dev.poolmark.evaluator.dataset.TokenStore;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Under what a pooler is timed.
 *
 * @param batchSize sentences a batch, all of one side
 * @param pairs how many, from the first on
 */
public record Condition(Protocol protocol, int batchSize, int pairs) {

  /** As many pairs at most where all protocols are timed, and wherever batches wait in memory. */
  private static final int MOST_PAIRS = 512;

  /** What the waiting batches of the cold protocol may take, in bytes. */
  private static final long MOST_BYTES = 128L << 20;

  private static final List<Integer> BATCH_SIZES = List.of(1, 16, 64, 256);

  public Condition {
    if (batchSize < 1 || pairs < 1) {
      throw new IllegalArgumentException(
          "a batch and a pass have at least 1 pair, found " + batchSize + " and " + pairs);
    }
  }

  /** The one whose time counts: on all pairs, or as many as memory holds. */
  static Condition counting(EvaluationRequest request) {
    return of(
        request.timing().protocol(), request.batchSize(), request.data().rows(), request.data());
  }

  /** All protocols at all batch sizes. */
  static List<Condition> all(TokenStore data) {
    List<Condition> all = new ArrayList<>();
    for (Protocol protocol : Protocol.values()) {
      for (int batchSize : BATCH_SIZES) {
        all.add(of(protocol, batchSize, Math.min(data.rows(), MOST_PAIRS), data));
      }
    }
    return all;
  }

  private static Condition of(Protocol protocol, int batchSize, int pairs, TokenStore data) {
    return new Condition(
        protocol, batchSize, protocol == Protocol.COLD ? held(data, batchSize, pairs) : pairs);
  }

  /** How many pairs' batches wait in memory, at least those of one batch. */
  private static int held(TokenStore data, int batchSize, int pairs) {
    int most = Math.min(pairs, MOST_PAIRS);
    int held = Math.min(batchSize, most);
    while (held < most
        && new Condition(Protocol.COLD, batchSize, Math.min(held + batchSize, most)).bytes(data)
            <= MOST_BYTES) {
      held = Math.min(held + batchSize, most);
    }
    return held;
  }

  /** A batch's sentences, by their numbers from 0. */
  record Rows(Side side, int[] numbers) {
    private long bytes(TokenStore data) {
      int longest = IntStream.of(numbers).map(row -> data.length(side, row)).max().orElse(0);
      return (long) longest * numbers.length * data.dim() * Float.BYTES;
    }
  }

  /**
   * The batches of a pass in their order: neighbouring pairs, the first sides, the second sides.
   */
  List<Rows> batches() {
    List<Rows> batches = new ArrayList<>();
    for (int from = 0; from < pairs; from += batchSize) {
      int[] numbers = IntStream.range(from, Math.min(from + batchSize, pairs)).toArray();
      batches.add(new Rows(Side.FIRST, numbers));
      batches.add(new Rows(Side.SECOND, numbers));
    }
    return batches;
  }

  /** What all batches of a pass take, in bytes. */
  long bytes(TokenStore data) {
    return batches().stream().mapToLong(batch -> batch.bytes(data)).sum();
  }
}
