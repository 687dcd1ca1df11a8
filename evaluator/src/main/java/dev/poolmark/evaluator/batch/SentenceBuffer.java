package dev.poolmark.evaluator.batch;

import dev.poolmark.evaluator.dataset.Side;
import dev.poolmark.evaluator.dataset.TokenStore;
import dev.poolmark.evaluator.files.BadDataException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Locale;

/**
 * Any sentences of a store as a batch, in one buffer that is filled anew for the next: for those
 * who read on their own thread, and need no stream.
 */
public final class SentenceBuffer {

  private final TokenStore store;
  private ByteBuffer room = ByteBuffer.allocateDirect(0);

  public SentenceBuffer(TokenStore store) {
    this.store = store;
  }

  /**
   * Reads sentences; the batch before is gone.
   *
   * @param rows their numbers, from 0
   * @throws BadDataException where the batch would take more than 2 GiB
   */
  public TokenBatch read(Side side, int[] rows) {
    Selection selection = new Selection(side, rows);
    long bytes = TokenBatch.bytes(store, selection);
    if (bytes > Integer.MAX_VALUE) {
      throw new BadDataException(
          Path.of(store.name()),
          "batches that fit into memory",
          String.format(Locale.ROOT, "one of %d MiB for its longest sentence", bytes >> 20));
    }
    if (room.capacity() < bytes) {
      room = ByteBuffer.allocateDirect((int) bytes);
    }
    return TokenBatch.fill(store, selection, room, () -> {});
  }
}
