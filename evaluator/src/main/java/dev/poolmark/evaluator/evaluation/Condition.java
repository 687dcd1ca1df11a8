package dev.poolmark.evaluator.evaluation;

import dev.poolmark.evaluator.dataset.Side;
import dev.poolmark.evaluator.dataset.TokenStore;
import dev.poolmark.evaluator.score.Setting;
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

  static final List<Integer> BATCH_SIZES = List.of(1, 16, 64, 256);

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

  /** The protocol and batch size, as formulas name them. */
  Setting setting() {
    return new Setting(protocol.key(), batchSize);
  }

  /** How many pairs' batches wait in memory, at least one's. */
  private static int held(TokenStore data, int batchSize, int pairs) {
    int held = Math.min(pairs, MOST_PAIRS);
    while (held > 1 && new Condition(Protocol.COLD, batchSize, held).bytes(data) > MOST_BYTES) {
      held = (held + 1) / 2;
    }
    return held;
  }

  /**
   * The batches of a pass in their order: of each run of neighbouring pairs the first sentences,
   * then the second ones.
   *
   * @return numbers of sentences, those of the second side from the number of rows on
   */
  List<int[]> batches(TokenStore data) {
    List<int[]> batches = new ArrayList<>();
    int rows = data.rows();
    for (int from = 0, to; from < pairs; from = to) {
      to = from + Math.min(batchSize, pairs - from);
      batches.add(IntStream.range(from, to).toArray());
      batches.add(IntStream.range(rows + from, rows + to).toArray());
    }
    return batches;
  }

  /** What all batches of a pass take, in bytes. */
  private long bytes(TokenStore data) {
    return batches(data).stream().mapToLong(batch -> bytes(data, batch)).sum();
  }

  private static long bytes(TokenStore data, int[] batch) {
    int rows = data.rows();
    int longest =
        IntStream.of(batch)
            .map(i -> data.length(i < rows ? Side.FIRST : Side.SECOND, i % rows))
            .max()
            .orElse(0);
    return (long) longest * batch.length * data.dim() * Float.BYTES;
  }
}
