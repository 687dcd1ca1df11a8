package dev.poolmark.evaluator.safetensors;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.zip.CRC32C;

/**
 * The checksums of a file's bytes, kept in its last tensor, I64 {@code [blocks + 2]}: of its head
 * (the length and the header), of each block of the other tensors' bytes, and in the end of all the
 * checksums before. They are CRC-32C, which processors compute faster than memory is read.
 */
final class Checksums {

  static final String TENSOR = "checksums";

  static final int BLOCK_BYTES = 1 << 20;

  private final CRC32C block = new CRC32C();
  private int bytesInBlock;
  private long[] sums = new long[64];
  private int count;

  /** Adds the tensors' next bytes, all that the buffer has left. */
  void add(ByteBuffer bytes) {
    ByteBuffer rest = bytes.duplicate();
    while (rest.hasRemaining()) {
      int limit = rest.limit();
      rest.limit(rest.position() + Math.min(rest.remaining(), BLOCK_BYTES - bytesInBlock));
      bytesInBlock += rest.remaining();
      block.update(rest);
      rest.limit(limit);
      if (bytesInBlock == BLOCK_BYTES) {
        endBlock();
      }
    }
  }

  private void endBlock() {
    if (count == sums.length) {
      sums = Arrays.copyOf(sums, 2 * count);
    }
    sums[count++] = block.getValue();
    block.reset();
    bytesInBlock = 0;
  }

  /** Ends the tensors' bytes; none are added after that. */
  void end() {
    if (bytesInBlock > 0) {
      endBlock();
    }
  }

  /** How many checksums there are in all. */
  int size() {
    return count + 2;
  }

  /** All of them, in the tensor's order. */
  long[] values(ByteBuffer head) {
    return values(head, Arrays.copyOf(sums, count));
  }

  /** The head's checksum, the blocks', and one of all these. */
  static long[] values(ByteBuffer head, long[] blocks) {
    long[] values = new long[blocks.length + 2];
    values[0] = of(head);
    System.arraycopy(blocks, 0, values, 1, blocks.length);
    values[blocks.length + 1] = of(values, blocks.length + 1);
    return values;
  }

  private static long of(ByteBuffer bytes) {
    CRC32C sum = new CRC32C();
    sum.update(bytes.duplicate());
    return sum.getValue();
  }

  private static long of(long[] values, int count) {
    ByteBuffer bytes = ByteBuffer.allocate(count * Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asLongBuffer().put(values, 0, count);
    return of(bytes);
  }
}
