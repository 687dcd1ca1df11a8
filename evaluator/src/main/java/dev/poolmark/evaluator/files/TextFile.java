package dev.poolmark.evaluator.files;

import java.io.IOException;
import java.io.InputStream;
import java.io.PushbackInputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/** The bytes of a text file, plain or, named {@code .gz}, gzipped. */
public final class TextFile {

  private static final byte[] BYTE_ORDER_MARK = {(byte) 0xEF, (byte) 0xBB, (byte) 0xBF};

  private TextFile() {}

  /**
   * Opens a file, a pipe each time from its beginning; what is wrong with a gzip file is told by a
   * {@link BadDataException} when it is read.
   *
   * @throws BadDataException where it is a folder
   */
  public static InputStream open(Path file) throws IOException {
    if (Files.isDirectory(file)) {
      throw new BadDataException(file, "a file", "a folder");
    }
    InputStream bytes = Pipes.open(file);
    return file.toString().endsWith(".gz") ? new GzipStream(file, bytes) : bytes;
  }

  /**
   * All of a file, see {@link #open}.
   *
   * @throws BadDataException where it is a folder
   */
  public static byte[] bytes(Path file) throws IOException {
    try (InputStream in = open(file)) {
      return in.readAllBytes();
    }
  }

  /**
   * What a file is called, where its name leads to; a pipe has no other name than the given one.
   */
  public static String name(Path file) throws IOException {
    return (Pipes.isPipe(file) ? file : file.toRealPath()).getFileName().toString();
  }

  /** The stream without the mark of UTF-8 that some programs begin a text with. */
  public static InputStream withoutMark(InputStream in) throws IOException {
    PushbackInputStream text = new PushbackInputStream(in, BYTE_ORDER_MARK.length);
    byte[] begin = text.readNBytes(BYTE_ORDER_MARK.length);
    if (!Arrays.equals(begin, BYTE_ORDER_MARK)) {
      text.unread(begin);
    }
    return text;
  }
}
