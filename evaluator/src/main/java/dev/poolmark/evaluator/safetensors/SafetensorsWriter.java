package dev.poolmark.evaluator.safetensors;

import dev.poolmark.evaluator.files.AtomicFile;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

/**
 * Writes a safetensors file: at once by {@link #write}, or, where the sizes are known only at the
 * end, by streaming the bytes behind a header that is kept free until {@link #commit}. A streamed
 * file has checksums, a tensor more, for {@link SafetensorsFile#verify}; so has one of {@link
 * #writeChecksummed}.
 */
public final class SafetensorsWriter implements AutoCloseable {

  /** Room that is kept for the header of a streamed file. */
  private static final int RESERVED = 4096;

  /** More than a header takes for one tensor of a short name. */
  private static final int ROOM_FOR_CHECKSUMS = 256;

  private final AtomicFile file;
  private final FileContent content;

  private SafetensorsWriter(AtomicFile file) throws IOException {
    this.file = file;
    this.content = new FileContent(file.temporary(), file.channel(), RESERVED);
  }

  /** Writes a file, all or nothing. The tensors keep the map's order. */
  public static void write(
      Path target, Map<String, TensorData> tensors, Map<String, String> metadata)
      throws IOException {
    Path absolute = target.toAbsolutePath();
    try (AtomicFile file = AtomicFile.in(Objects.requireNonNull(absolute.getParent()))) {
      write(absolute, file.channel(), tensors, metadata);
      file.commit(absolute.getFileName().toString());
    }
  }

  /** The same with checksums, as a streamed file has them. */
  public static void writeChecksummed(
      Path target, Map<String, TensorData> tensors, Map<String, String> metadata)
      throws IOException {
    Path absolute = target.toAbsolutePath();
    try (AtomicFile file = AtomicFile.in(Objects.requireNonNull(absolute.getParent()))) {
      Map<String, Shape> shapes = shapes(tensors);
      int headerBytes = Header.of(metadata, shapes).toJson().length + ROOM_FOR_CHECKSUMS;
      FileContent content = new FileContent(absolute, file.channel(), (headerBytes + 7) / 8 * 8);
      for (TensorData tensor : tensors.values()) {
        content.append(tensor);
      }
      content.finishChecksummed(metadata, shapes);
      file.commit(absolute.getFileName().toString());
    }
  }

  private static Map<String, Shape> shapes(Map<String, TensorData> tensors) {
    Map<String, Shape> shapes = new LinkedHashMap<>();
    tensors.forEach((name, t) -> shapes.put(name, new Shape(t.dtype(), t.shape())));
    return shapes;
  }

  /**
   * Writes into an empty file as it is, neither atomically nor safely on disk.
   *
   * @param file what a failure to write is blamed on
   */
  public static void write(
      Path file, FileChannel channel, Map<String, TensorData> tensors, Map<String, String> metadata)
      throws IOException {
    Header header = Header.of(metadata, shapes(tensors));
    FileContent content = new FileContent(file, channel, (header.toJson().length + 7) / 8 * 8);
    for (TensorData tensor : tensors.values()) {
      content.append(tensor);
    }
    content.finish(header);
  }

  /** Starts a file in the given folder. */
  public static SafetensorsWriter in(Path folder) throws IOException {
    return new SafetensorsWriter(AtomicFile.in(folder));
  }

  /** Appends a tensor's bytes. */
  public void append(TensorData tensor) throws IOException {
    content.append(tensor);
  }

  /** Appends F32 elements. */
  public void append(float[] values, int from, int count) throws IOException {
    content.append(values, from, count);
  }

  /**
   * Writes the header of what was appended and puts the file in its place.
   *
   * @param name the file's name within its folder
   * @param shapes the tensors in the order in which their bytes were appended
   * @return where it is
   */
  public Path commit(String name, Map<String, Shape> shapes, Map<String, String> metadata)
      throws IOException {
    content.finishChecksummed(metadata, shapes);
    return file.commit(name);
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}
