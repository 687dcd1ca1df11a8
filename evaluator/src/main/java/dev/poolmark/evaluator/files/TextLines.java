package dev.poolmark.evaluator.files;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Reads a UTF-8 file row by row, by rules that are the same for all: a byte order mark in front is
 * dropped, only a line feed ends a row, after a carriage return or not (sentences hold the oddest
 * characters), a row is of bounded length, and blank rows may stand at the end of the file alone.
 */
public final class TextLines implements Closeable {

  private static final int MAX_ROW_BYTES = 1 << 20;
  private static final int QUOTED_CHARACTERS = 40;

  private final Path file;
  private InputStream in;
  private final ByteArrayOutputStream line = new ByteArrayOutputStream(1024);
  private long row;

  /**
   * Reads a file's bytes, which are closed with this.
   *
   * @param file what faults are blamed on
   */
  public TextLines(Path file, InputStream in) {
    this.file = file;
    this.in = new BufferedInputStream(in, 1 << 16);
  }

  /**
   * Opens a file, plain or {@code .gz}.
   *
   * @throws BadDataException where it is a folder
   */
  public static TextLines open(Path file) throws IOException {
    return new TextLines(file, TextFile.open(file));
  }

  /**
   * The next row without its end, or null at the end of the file.
   *
   * @throws BadDataException where a row is no UTF-8, too long, or blank before others
   */
  public @Nullable String next() throws IOException {
    String text = read();
    if (text == null || !text.isBlank()) {
      return text;
    }
    long blank = row;
    if (nextText() != null) {
      throw new BadDataException(file, blank, "text", "an empty row");
    }
    return null;
  }

  /** The same, passing over all blank rows. */
  public @Nullable String nextText() throws IOException {
    String text = read();
    while (text != null && text.isBlank()) {
      text = read();
    }
    return text;
  }

  private @Nullable String read() throws IOException {
    if (row == 0) {
      in = TextFile.withoutMark(in);
    }
    line.reset();
    int next = in.read();
    if (next < 0) {
      return null;
    }
    row++;
    for (; next >= 0 && next != '\n'; next = in.read()) {
      if (line.size() == MAX_ROW_BYTES) {
        throw bad("a row of at most " + MAX_ROW_BYTES + " bytes", "a longer one");
      }
      line.write(next);
    }
    String text = decode();
    return text.endsWith("\r") ? text.substring(0, text.length() - 1) : text;
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

  /** The row that was read last, counted from 1; 0 before the first. */
  public long row() {
    return row;
  }

  /** A fault of the row that was read last. */
  public BadDataException bad(String expected, String found) {
    return new BadDataException(file, row, expected, found);
  }

  /** How a fault quotes what was found. */
  public static String quoted(String text) {
    String word = text.strip();
    if (word.isEmpty()) {
      return "none";
    }
    return "'"
        + (word.length() <= QUOTED_CHARACTERS ? word : word.substring(0, QUOTED_CHARACTERS) + "…")
        + "'";
  }

  /** How a fault counts what was found. */
  public static String columns(int count) {
    return count + (count == 1 ? " column" : " columns");
  }

  /** The fault of a file that has too few rows, all of them being read. */
  public BadDataException endsEarly(String expected) {
    return new BadDataException(file, expected, row + (row == 1 ? " row" : " rows"));
  }

  @Override
  public void close() throws IOException {
    in.close();
  }
}
