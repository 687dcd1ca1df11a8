package dev.poolmark.evaluator.sentences;

import dev.poolmark.evaluator.files.BadDataException;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;

/** Reads a UTF-8 file, plain or {@code .gz}, row by row, each of bounded length. */
public final class TextLines implements Closeable {

  private static final int MAX_ROW_BYTES = 1 << 20;

  private final Path file;
  private final InputStream in;
  private final ByteArrayOutputStream line = new ByteArrayOutputStream(1024);
  private long row;

  private TextLines(Path file, InputStream in) {
    this.file = file;
    this.in = in;
  }

  /**
   * Opens a file.
   *
   * @throws BadDataException where it is a folder, or named {@code .gz} and no gzip file
   */
  public static TextLines open(Path file) throws IOException {
    if (Files.isDirectory(file)) {
      throw new BadDataException(file, "a file", "a folder");
    }
    InputStream bytes = Files.newInputStream(file);
    try {
      boolean packed = file.getFileName().toString().endsWith(".gz");
      return new TextLines(
          file, new BufferedInputStream(packed ? new GZIPInputStream(bytes) : bytes, 1 << 16));
    } catch (ZipException | EOFException e) {
      bytes.close();
      throw new BadDataException(file, "a whole gzip file", e.getMessage());
    } catch (IOException e) {
      bytes.close();
      throw e;
    }
  }

  /**
   * The next row without its end, or null at the end of the file. Only a line feed ends a row,
   * after a carriage return or not: sentences hold the oddest.
   *
   * @throws BadDataException where a row is no UTF-8, or too long
   */
  public String next() throws IOException {
    if (!read()) {
      return null;
    }
    String text = decode();
    if (row == 1 && text.startsWith("\uFEFF")) {
      text = text.substring(1); // a byte order mark
    }
    return text.endsWith("\r") ? text.substring(0, text.length() - 1) : text;
  }

  /** Reads the next row's bytes; false at the end of the file. */
  private boolean read() throws IOException {
    line.reset();
    try {
      int next = in.read();
      if (next < 0) {
        return false;
      }
      row++;
      for (; next >= 0 && next != '\n'; next = in.read()) {
        if (line.size() == MAX_ROW_BYTES) {
          throw bad("a row of at most " + MAX_ROW_BYTES + " bytes", "a longer one");
        }
        line.write(next);
      }
      return true;
    } catch (ZipException | EOFException e) {
      throw new BadDataException(file, "a whole gzip file", e.getMessage());
    }
  }

  /** The row that was read last, counted from 1; 0 before the first. */
  public long row() {
    return row;
  }

  /** A fault of the row that was read last. */
  public BadDataException bad(String expected, String found) {
    return new BadDataException(file, row, expected, found);
  }

  /** The fault of a file that has too few rows, all of them being read. */
  BadDataException endsEarly(String expected) {
    return new BadDataException(file, expected, row + (row == 1 ? " row" : " rows"));
  }

  private String decode() {
    try {
      return StandardCharsets.UTF_8
          .newDecoder()
          .decode(ByteBuffer.wrap(line.toByteArray()))
          .toString();
    } catch (CharacterCodingException e) {
      throw bad("text in UTF-8", "bytes that are not");
    }
  }

  @Override
  public void close() throws IOException {
    in.close();
  }
}
