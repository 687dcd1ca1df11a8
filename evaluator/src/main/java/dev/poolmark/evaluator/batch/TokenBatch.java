package dev.poolmark.evaluator.batch;

import dev.poolmark.evaluator.dataset.Side;
import dev.poolmark.evaluator.dataset.TokenStore;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Sentences of one side as a model takes them: float32 {@code (size, seqLen, dim)}, each sentence
 * padded on the right with zeros to the longest.
 */
public final class TokenBatch implements Batch {

  private final ByteBuffer buffer;
  private final int[] lengths;
  private final int seqLen;
  private final int dim;
  private final Runnable onRelease;

  private TokenBatch(ByteBuffer buffer, int[] lengths, int seqLen, int dim, Runnable onRelease) {
    this.buffer = buffer;
    this.lengths = lengths;
    this.seqLen = seqLen;
    this.dim = dim;
    this.onRelease = onRelease;
  }

  /**
   * Copies sentences into a buffer.
   *
   * @param room a direct buffer that is large enough (see {@link #bytes})
   * @param onRelease what gives the room back
   */
  static TokenBatch fill(
      TokenStore store, Selection selection, ByteBuffer room, Runnable onRelease) {
    Side side = selection.side();
    int[] sentences = selection.sentences();
    int[] lengths = new int[sentences.length];
    int seqLen = 0;
    for (int i = 0; i < sentences.length; i++) {
      lengths[i] = store.length(side, sentences[i]);
      seqLen = Math.max(seqLen, lengths[i]);
    }
    int rowBytes = store.dim() * Float.BYTES;
    room.clear();
    for (int i = 0; i < sentences.length; i++) {
      store.copy(side, sentences[i], room);
      zeros(room, (seqLen - lengths[i]) * rowBytes);
    }
    // DJL ignores a buffer's position and order, so it gets one that starts at 0.
    ByteBuffer buffer = room.flip().slice().order(ByteOrder.nativeOrder());
    return new TokenBatch(buffer, lengths, seqLen, store.dim(), onRelease);
  }

  private static void zeros(ByteBuffer target, int count) {
    int end = target.position() + count;
    while (end - target.position() >= Long.BYTES) {
      target.putLong(0);
    }
    while (target.position() < end) {
      target.put((byte) 0);
    }
  }

  /** Bytes that a batch of the given sentences takes. */
  static long bytes(TokenStore store, Selection selection) {
    long longest = 0;
    for (int sentence : selection.sentences()) {
      longest = Math.max(longest, store.length(selection.side(), sentence));
    }
    return longest * selection.sentences().length * store.dim() * Float.BYTES;
  }

  /**
   * The numbers, native order, from 0 to the end of the buffer. It is filled anew after the
   * release, so nothing that shares its memory may live on.
   */
  public ByteBuffer buffer() {
    return buffer;
  }

  /** Number of sentences. */
  public int size() {
    return lengths.length;
  }

  /** Tokens of the longest sentence. */
  public int seqLen() {
    return seqLen;
  }

  /** Width of a token embedding. */
  public int dim() {
    return dim;
  }

  /** Tokens of a sentence, without the padding. */
  public int length(int sentence) {
    return lengths[sentence];
  }

  @Override
  public void release() {
    onRelease.run();
  }
}
