package dev.poolmark.evaluator.safetensors;

import dev.poolmark.evaluator.files.UnwrittenException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/** The bytes of a file: tensors behind room that is kept for the header, which comes last. */
final class FileContent {

  private static final int BUFFER_BYTES = 1 << 20;

  private final Path file;
  private final FileChannel channel;
  private final int headerBytes;
  private final ByteBuffer buffer =
      ByteBuffer.allocateDirect(BUFFER_BYTES).order(ByteOrder.LITTLE_ENDIAN);
  private final Checksums checksums = new Checksums();
  private long written;

  /**
   * @param file what a failure to write is blamed on
   */
  FileContent(Path file, FileChannel channel, int headerBytes) throws IOException {
    this.file = file;
    this.channel = channel.position(Long.BYTES + headerBytes);
    this.headerBytes = headerBytes;
  }

  void append(TensorData tensor) throws IOException {
    int size = tensor.dtype().bytes();
    for (int from = 0; from < tensor.elements(); ) {
      int count = Math.min(tensor.elements() - from, room(size) / size);
      tensor.put(from, count, buffer);
      written += (long) count * size;
      from += count;
    }
  }

  void append(float[] values, int from, int count) throws IOException {
    for (int done = 0; done < count; ) {
      int part = Math.min(count - done, room(Float.BYTES) / Float.BYTES);
      buffer.asFloatBuffer().put(values, from + done, part);
      buffer.position(buffer.position() + part * Float.BYTES);
      written += (long) part * Float.BYTES;
      done += part;
    }
  }

  private int room(int atLeast) throws IOException {
    if (buffer.remaining() < atLeast) {
      flush();
    }
    return buffer.remaining();
  }

  private void flush() throws IOException {
    checksums.add(buffer.flip());
    write(buffer);
    buffer.clear();
  }

  private void write(ByteBuffer bytes) throws IOException {
    try {
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
    } catch (IOException e) {
      throw UnwrittenException.of(file, e);
    }
  }

  /** Writes what is left, and the header of what was appended. */
  void finish(Header header) throws IOException {
    flush();
    writeHead(head(header));
  }

  /**
   * The same with a tensor more, of the checksums.
   *
   * @param shapes of what was appended
   */
  void finishChecksummed(Map<String, String> metadata, Map<String, Shape> shapes)
      throws IOException {
    flush();
    checksums.end();
    Map<String, Shape> all = new LinkedHashMap<>(shapes);
    all.put(Checksums.TENSOR, Shape.of(DType.I64, checksums.size()));
    written += (long) checksums.size() * Long.BYTES;
    ByteBuffer head = head(Header.of(metadata, all));
    long[] values = checksums.values(head);
    ByteBuffer last =
        ByteBuffer.allocate(values.length * Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    last.asLongBuffer().put(values);
    write(last);
    writeHead(head);
  }

  private ByteBuffer head(Header header) throws IOException {
    if (header.dataBytes() != written) {
      throw new IllegalStateException(
          String.format(
              Locale.ROOT,
              "the shapes take %d bytes, written were %d",
              header.dataBytes(),
              written));
    }
    byte[] json = header.toJson();
    if (json.length > headerBytes) {
      throw new IllegalStateException(
          String.format(
              Locale.ROOT, "the header has %d bytes, reserved were %d", json.length, headerBytes));
    }
    byte[] padded = Arrays.copyOf(json, headerBytes);
    Arrays.fill(padded, json.length, headerBytes, (byte) ' ');
    ByteBuffer head = ByteBuffer.allocate(Long.BYTES + headerBytes).order(ByteOrder.LITTLE_ENDIAN);
    return head.putLong(headerBytes).put(padded).flip();
  }

  private void writeHead(ByteBuffer head) throws IOException {
    channel.position(0);
    write(head);
  }
}
