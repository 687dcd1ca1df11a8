package dev.poolmark.evaluator.batch;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Sentences of one side as a model takes them: float32 {@code (size, seqLen, dim)}, each sentence
 * padded on the right with zeros to the longest.
 */
public final class TokenBatch {

  private final ByteBuffer buffer;
  private final int[] lengths;
  private final int seqLen;
  private final int dim;

  private TokenBatch(ByteBuffer buffer, int[] lengths, int seqLen, int dim) {
    this.buffer = buffer;
    this.lengths = lengths;
    this.seqLen = seqLen;
    this.dim = dim;
  }

  /**
   * Copies sentences into a buffer.
   *
   * @param room a direct buffer that is large enough (see {@link #bytes})
   */
  static TokenBatch fill(Tokens sentences, ByteBuffer room) {
    int seqLen = longest(sentences);
    int dim = sentences.dim();
    room.clear().order(ByteOrder.nativeOrder());
    for (int i = 0; i < sentences.count(); i++) {
      sentences.copy(i, room);
      zeros(room, (seqLen - sentences.length(i)) * dim * Float.BYTES);
    }
    // DJL ignores a buffer's position and order, so it gets one that starts at 0.
    ByteBuffer buffer = room.flip().slice().order(ByteOrder.nativeOrder());
    return new TokenBatch(buffer, lengths(sentences), seqLen, dim);
  }

  /** Sentences that need no padding, and are in memory as a batch would be. */
  static Optional<TokenBatch> inPlace(Tokens sentences) {
    int[] lengths = lengths(sentences);
    int seqLen = longest(sentences);
    return Arrays.stream(lengths).allMatch(length -> length == seqLen)
        ? sentences
            .inPlace(0, lengths.length)
            .map(buffer -> new TokenBatch(buffer, lengths, seqLen, sentences.dim()))
        : Optional.empty();
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
  static long bytes(Tokens sentences) {
    return (long) longest(sentences) * sentences.count() * sentences.dim() * Float.BYTES;
  }

  private static int[] lengths(Tokens sentences) {
    return IntStream.range(0, sentences.count()).map(sentences::length).toArray();
  }

  private static int longest(Tokens sentences) {
    return Arrays.stream(lengths(sentences)).max().orElseThrow();
  }

  /**
   * The numbers, native order, from 0 to the end of the buffer. It is filled anew for the next
   * batches, so nothing that shares its memory may live on.
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
}
