package dev.poolmark.evaluator.batch;

import dev.poolmark.evaluator.files.BadDataException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Memory for batches, filled anew for the next ones, by the thread that passes them. */
public final class BatchBuffer {

  private static final int ALIGNMENT = 64;
  private static final int MAX_BYTES = Integer.MAX_VALUE - 2 * ALIGNMENT;

  /** Up to this it grows by doubling, or sentences ever longer would make it anew each time. */
  private static final long MAX_DOUBLED = 32L << 20;

  private ByteBuffer room = ByteBuffer.allocateDirect(0);

  /**
   * Pads batches, all of which are there until the next are. What needs no padding stays where it
   * is, if it can.
   *
   * @param batches of the sentences, by their numbers
   * @throws BadDataException where they take more than 2 GiB together, or more than there is
   */
  public List<TokenBatch> fill(Tokens tokens, List<int[]> batches) {
    reserve(tokens.name(), batches.stream().mapToLong(batch -> bytes(tokens, batch)).sum());
    room.clear();
    List<TokenBatch> filled = new ArrayList<>();
    for (int[] batch : batches) {
      filled.add(TokenBatch.inPlace(tokens.only(batch)).orElseGet(() -> copy(tokens.only(batch))));
    }
    return filled;
  }

  /**
   * Makes room for the largest of some batches, to be filled one after the other.
   *
   * @throws BadDataException where that takes more than 2 GiB, or more than there is
   */
  void reserveLargest(Tokens tokens, List<int[]> batches) {
    reserve(
        tokens.name(), batches.stream().mapToLong(batch -> bytes(tokens, batch)).max().orElse(0));
  }

  private static long bytes(Tokens tokens, int[] batch) {
    Tokens chosen = tokens.only(batch);
    return TokenBatch.inPlace(chosen).isPresent() ? 0 : TokenBatch.bytes(chosen);
  }

  private void reserve(String name, long bytes) {
    if (room.capacity() >= bytes) {
      return;
    }
    try {
      if (bytes > MAX_BYTES) {
        throw tooLarge(name, bytes);
      }
      long doubled = 2L * room.capacity();
      room = ByteBuffer.allocateDirect(0); // the old one may go before the new one comes
      room = aligned((int) Math.max(bytes, Math.min(doubled, MAX_DOUBLED)));
    } catch (OutOfMemoryError e) {
      throw tooLarge(name, bytes);
    }
  }

  /** As torch aligns its own memory: or the same batch takes now longer, now shorter. */
  private static ByteBuffer aligned(int bytes) {
    return ByteBuffer.allocateDirect(bytes + 2 * ALIGNMENT).alignedSlice(ALIGNMENT).slice(0, bytes);
  }

  private static BadDataException tooLarge(String name, long bytes) {
    return new BadDataException(
        Path.of(name),
        "batches that fit into memory",
        String.format(
            Locale.ROOT, "one of %d MiB; make batches smaller, or sentences shorter", bytes >> 20));
  }

  private TokenBatch copy(Tokens batch) {
    int start = room.position();
    int bytes = (int) TokenBatch.bytes(batch);
    room.position(start + bytes);
    return TokenBatch.fill(batch, room.slice(start, bytes));
  }
}
