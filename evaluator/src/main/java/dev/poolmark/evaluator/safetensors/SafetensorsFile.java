package dev.poolmark.evaluator.safetensors;

import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.WRITE;

import dev.poolmark.evaluator.files.BadDataException;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.DoubleBuffer;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.nio.MappedByteBuffer;
import java.nio.ShortBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.LongStream;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * A safetensors file, memory-mapped for reading. Everything that the header claims is checked
 * against the file's size before anything is mapped or allocated. May be read by several threads.
 */
public final class SafetensorsFile implements AutoCloseable {

  /** The limit of the reference implementation. */
  private static final int MAX_HEADER_BYTES = 100_000_000;

  /** A buffer holds at most 2 GiB, so the file is mapped in parts. */
  private static final int SEGMENT_BITS = 30;

  private static final int SEGMENT_MASK = (1 << SEGMENT_BITS) - 1;

  private final Path path;
  private final Header header;
  private final long dataStart;
  private MappedByteBuffer @Nullable [] segments;

  private SafetensorsFile(Path path, Header header, long dataStart, MappedByteBuffer[] segments) {
    this.path = path;
    this.header = header;
    this.dataStart = dataStart;
    this.segments = segments;
  }

  /**
   * Opens a file.
   *
   * @throws MalformedSafetensorsException where it is cut off, or not such a file at all
   */
  public static SafetensorsFile open(Path path) throws IOException {
    if (Files.isDirectory(path)) {
      throw new MalformedSafetensorsException(path, "expected a safetensors file, found a folder");
    }
    try (FileChannel channel = FileChannel.open(path, READ)) {
      return open(path, channel, MapMode.READ_ONLY);
    }
  }

  /**
   * Opens a file whose bytes may be changed in memory, which the file doesn't see.
   *
   * @throws MalformedSafetensorsException where it is cut off, or not such a file at all
   */
  public static SafetensorsFile openPrivate(Path path) throws IOException {
    try (FileChannel channel = FileChannel.open(path, READ, WRITE)) {
      return open(path, channel, MapMode.PRIVATE);
    }
  }

  private static SafetensorsFile open(Path path, FileChannel channel, MapMode mode)
      throws IOException {
    long size = channel.size();
    if (size < Long.BYTES) {
      throw new MalformedSafetensorsException(
          path, String.format(Locale.ROOT, "expected a safetensors file, found %d bytes", size));
    }
    long headerBytes = read(channel, 0, Long.BYTES).getLong(0);
    if (headerBytes < 2 || headerBytes > MAX_HEADER_BYTES || headerBytes > size - Long.BYTES) {
      throw new MalformedSafetensorsException(
          path,
          String.format(
              Locale.ROOT,
              "expected a header that fits into %d bytes, found a length of %s",
              size,
              Long.toUnsignedString(headerBytes)));
    }
    long dataStart = Long.BYTES + headerBytes;
    Header header = header(path, read(channel, Long.BYTES, (int) headerBytes).array());
    if (header.dataBytes() != size - dataStart) {
      throw new MalformedSafetensorsException(
          path,
          String.format(
              Locale.ROOT,
              "expected %d bytes of tensors, found %d",
              header.dataBytes(),
              size - dataStart));
    }
    return new SafetensorsFile(path, header, dataStart, map(channel, size, mode));
  }

  private static ByteBuffer read(FileChannel channel, long position, int bytes) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    while (buffer.hasRemaining()) {
      if (channel.read(buffer, position + buffer.position()) < 0) {
        throw new EOFException("cut off while it was read");
      }
    }
    return buffer;
  }

  private static Header header(Path path, byte[] json) throws IOException {
    try {
      return Header.parse(json);
    } catch (IllegalArgumentException e) {
      throw new MalformedSafetensorsException(path, String.valueOf(e.getMessage()));
    }
  }

  private static MappedByteBuffer[] map(FileChannel channel, long size, MapMode mode)
      throws IOException {
    MappedByteBuffer[] segments = new MappedByteBuffer[(int) ((size >> SEGMENT_BITS) + 1)];
    for (int i = 0; i < segments.length; i++) {
      long from = (long) i << SEGMENT_BITS;
      segments[i] = channel.map(mode, from, Math.min(1L << SEGMENT_BITS, size - from));
    }
    return segments;
  }

  /**
   * Reads all bytes and compares them with the checksums that a streamed file has.
   *
   * @throws MalformedSafetensorsException where they differ, or there are none
   */
  public void verify() throws IOException {
    TensorInfo sums = tensors().get(Checksums.TENSOR);
    if (sums == null || sums.dtype() != DType.I64 || sums.end() != header.dataBytes()) {
      throw new MalformedSafetensorsException(path, "expected checksums, found none");
    }
    ByteBuffer head = ByteBuffer.allocate((int) dataStart);
    forEachPart(0, dataStart, head::put);
    long[] blocks = blockSums(sums.begin());
    if (!Arrays.equals(Checksums.values(head.flip(), blocks), longs(Checksums.TENSOR))) {
      throw new MalformedSafetensorsException(
          path, "expected the bytes that its checksums are of, found others");
    }
  }

  /** Blocks are independent, and one core reads slower than memory gives: all cores read. */
  private long[] blockSums(long dataBytes) {
    long blocks = (dataBytes + Checksums.BLOCK_BYTES - 1) / Checksums.BLOCK_BYTES;
    return LongStream.range(0, blocks)
        .parallel()
        .map(
            block -> {
              long from = block * Checksums.BLOCK_BYTES;
              long to = Math.min(from + Checksums.BLOCK_BYTES, dataBytes);
              CRC32C sum = new CRC32C();
              forEachPart(dataStart + from, dataStart + to, sum::update);
              return sum.getValue();
            })
        .toArray();
  }

  private MappedByteBuffer[] mapped() {
    MappedByteBuffer[] mapped = segments;
    if (mapped == null) {
      throw new IllegalStateException(path + " is closed");
    }
    return mapped;
  }

  private void forEachPart(long from, long to, Consumer<ByteBuffer> reader) {
    MappedByteBuffer[] mapped = mapped();
    for (long position = from; position < to; ) {
      MappedByteBuffer segment = mapped[(int) (position >> SEGMENT_BITS)];
      int start = (int) (position & SEGMENT_MASK);
      int count = (int) Math.min(to - position, segment.capacity() - start);
      reader.accept(segment.duplicate().position(start).limit(start + count));
      position += count;
    }
  }

  /** Where it is. */
  public Path path() {
    return path;
  }

  /** Free text by name. */
  public Map<String, String> metadata() {
    return header.metadata();
  }

  /** The tensors by name, in the order of their bytes. */
  public Map<String, TensorInfo> tensors() {
    return header.tensors();
  }

  /** A whole F32 tensor. */
  public float[] floats(String name) {
    TensorInfo tensor = tensors().get(name);
    return tensor != null && (tensor.dtype() == DType.F16 || tensor.dtype() == DType.BF16)
        ? widened(tensor)
        : singles(tensor(name, DType.F32));
  }

  private float[] singles(TensorInfo tensor) {
    FloatBuffer floats = bytes(tensor).asFloatBuffer();
    float[] values = new float[floats.remaining()];
    floats.get(values);
    return values;
  }

  private float[] widened(TensorInfo tensor) {
    ShortBuffer halves = bytes(tensor).asShortBuffer();
    float[] values = new float[halves.remaining()];
    for (int i = 0; i < values.length; i++) {
      values[i] = tensor.dtype().widened(halves.get(i));
    }
    return values;
  }

  /** A whole F64 tensor. */
  public double[] doubles(String name) {
    TensorInfo tensor = tensor(name, DType.F64);
    DoubleBuffer doubles = bytes(tensor).asDoubleBuffer();
    double[] values = new double[doubles.remaining()];
    doubles.get(values);
    return values;
  }

  /** A whole I64 tensor. */
  public long[] longs(String name) {
    TensorInfo tensor = tensor(name, DType.I64);
    LongBuffer longs = bytes(tensor).asLongBuffer();
    long[] values = new long[longs.remaining()];
    longs.get(values);
    return values;
  }

  private TensorInfo tensor(String name, DType dtype) {
    TensorInfo tensor = header.tensors().get(name);
    if (tensor == null || tensor.dtype() != dtype) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "%s: expected a tensor '%s' of %s, found %s",
              path,
              name,
              dtype,
              tensor));
    }
    return tensor;
  }

  private ByteBuffer bytes(TensorInfo tensor) {
    ByteBuffer bytes = ByteBuffer.allocate(size(tensor)).order(ByteOrder.LITTLE_ENDIAN);
    copy(tensor, 0, bytes);
    return bytes.flip();
  }

  private int size(TensorInfo tensor) {
    long size = tensor.end() - tensor.begin();
    if (size > Integer.MAX_VALUE) {
      throw new BadDataException(
          path, "tensors of at most 2 GiB to be read at once", "one of " + size + " bytes");
    }
    return (int) size;
  }

  /**
   * A tensor's bytes as they lie in the mapped file, little-endian; copied, outside the heap, only
   * where they are not in one piece.
   */
  public ByteBuffer mapped(TensorInfo tensor) {
    int size = size(tensor);
    return view(tensor, 0, size)
        .orElseGet(
            () -> {
              ByteBuffer copy = ByteBuffer.allocateDirect(size).order(ByteOrder.LITTLE_ENDIAN);
              copy(tensor, 0, copy);
              return copy.flip();
            });
  }

  /**
   * A part of a tensor where it is mapped, little-endian; absent where it crosses the border
   * between two mapped parts, or begins where no number of its type should.
   *
   * @param from the first byte, counted from the tensor's begin
   */
  public Optional<ByteBuffer> view(TensorInfo tensor, long from, long bytes) {
    MappedByteBuffer[] mapped = mapped();
    long position = dataStart + tensor.begin() + from;
    MappedByteBuffer segment = mapped[(int) (position >> SEGMENT_BITS)];
    int start = (int) (position & SEGMENT_MASK);
    return position % tensor.dtype().bytes() == 0 && bytes <= segment.capacity() - start
        ? Optional.of(segment.slice(start, (int) bytes).order(ByteOrder.LITTLE_ENDIAN))
        : Optional.empty();
  }

  /**
   * Fills the rest of a buffer with a tensor's bytes, little-endian as they are.
   *
   * @param from the first byte, counted from the tensor's begin
   */
  public void copy(TensorInfo tensor, long from, ByteBuffer target) {
    if (from < 0 || from + target.remaining() > tensor.end() - tensor.begin()) {
      throw new IndexOutOfBoundsException(
          String.format(
              Locale.ROOT, "%d bytes from %d on, of %s", target.remaining(), from, tensor));
    }
    MappedByteBuffer[] mapped = mapped();
    long position = dataStart + tensor.begin() + from;
    while (target.hasRemaining()) {
      MappedByteBuffer segment = mapped[(int) (position >> SEGMENT_BITS)];
      int start = (int) (position & SEGMENT_MASK);
      int count = Math.min(target.remaining(), segment.capacity() - start);
      target.put(target.position(), segment, start, count);
      target.position(target.position() + count);
      position += count;
    }
  }

  /** Lets go of the mapping; the memory returns when the garbage collector says so. */
  @Override
  public void close() {
    segments = null;
  }
}
