package dev.poolmark.evaluator.worker;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import dev.poolmark.evaluator.dataset.FloatParser;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A JSON file, read byte by byte through a window, for bodies that are nearly all numbers: they go
 * to the evaluator's own parser without a string of each. It accepts no text that is not JSON;
 * whatever it doesn't accept, Jackson is asked about.
 */
final class JsonBytes implements AutoCloseable {

  private static final JsonFactory JACKSON =
      JsonFactory.builder().disable(JsonFactory.Feature.CHARSET_DETECTION).build();
  private static final int WINDOW_BYTES = 1 << 20;
  private static final int LONGEST_USUAL = 64;

  private final FileChannel file;

  /** Behind the last byte stands a zero, which is part of nothing. */
  private final byte[] window = new byte[WINDOW_BYTES + 1 + FloatParser.PADDING];

  private int at;
  private int filled;
  private boolean atEnd;

  private JsonBytes(FileChannel file) {
    this.file = file;
  }

  static JsonBytes open(Path path) throws IOException {
    return new JsonBytes(FileChannel.open(path, StandardOpenOption.READ));
  }

  /** The next byte that is not white space, or 0 at the end of the file. */
  byte peek() throws IOException {
    while (true) {
      byte c = window[at];
      if (c > ' ') {
        return c;
      } else if (at < filled && (c == ' ' || c == '\n' || c == '\r' || c == '\t')) {
        at++;
      } else if (at < filled || !refill()) {
        return c;
      }
    }
  }

  /** Whether the file is at its end, but for white space. */
  boolean ended() throws IOException {
    return peek() == 0 && at == filled;
  }

  /** Reads over a byte, if it is the next one. */
  boolean skip(char c) throws IOException {
    if (peek() != c) {
      return false;
    }
    at++;
    return true;
  }

  /** How many there may be in all, and some more, where so many have been read so far. */
  int estimate(int soFar) throws IOException {
    double share = (double) (file.position() - (filled - at)) / file.size();
    return (int) Math.min(Math.max(1.2 * soFar, 1.02 * soFar / share), Integer.MAX_VALUE - 8);
  }

  /** Whether a number begins here. */
  boolean atNumber() throws IOException {
    byte c = peek();
    return c == '-' || isDigit(c);
  }

  /**
   * Reads numbers of the usual spelling, {@code -0.12345}, each with the comma that is right behind
   * it. There may be none; the next one is of another spelling, or the last of its list.
   *
   * @param from where in the array to begin
   * @return the index behind the last
   */
  int usualNumbers(float[] values, int from) {
    byte[] bytes = window;
    int last = filled - LONGEST_USUAL;
    int i = from;
    int start = at;
    while (i < values.length && start < last) {
      int end = bytes[start] == '-' ? start + 1 : start;
      if (!isDigit(bytes[end]) || bytes[end + 1] != '.' || !isDigit(bytes[end + 2])) {
        break;
      }
      end += 3;
      while (isDigit(bytes[end])) {
        end++;
      }
      if (bytes[end] != ',') {
        break;
      }
      bytes[end] = ' ';
      FloatParser.parse(bytes, start, values, i++);
      bytes[end] = ',';
      start = end + 1;
    }
    at = start;
    return i;
  }

  /**
   * Reads a number of any spelling into {@code values[i]}; an infinity where it is too large.
   *
   * @return whether there was one
   */
  boolean number(float[] values, int i) throws IOException {
    if (!atNumber()) {
      return false;
    }
    int end = endOfNumber(at);
    if (end >= filled && !atEnd) {
      refill();
      end = endOfNumber(at);
    }
    if (end < 0) {
      return false;
    }
    byte behind = window[end];
    window[end] = ' ';
    FloatParser.parse(window, at, values, i);
    window[end] = behind;
    at = end;
    return true;
  }

  /** The index behind the number, by JSON's grammar; -1 where it breaks that. */
  private int endOfNumber(int from) {
    byte[] bytes = window;
    int i = bytes[from] == '-' ? from + 1 : from;
    if (!isDigit(bytes[i])) {
      return endOfFile(i);
    }
    i = bytes[i] == '0' ? i + 1 : endOfDigits(i);
    if (bytes[i] == '.') {
      if (!isDigit(bytes[++i])) {
        return endOfFile(i);
      }
      i = endOfDigits(i);
    }
    if ((bytes[i] | 0x20) == 'e') {
      i += bytes[i + 1] == '+' || bytes[i + 1] == '-' ? 2 : 1;
      return isDigit(bytes[i]) ? endOfDigits(i) : endOfFile(i);
    }
    return i;
  }

  /** A number that is cut off by the window's end may go on behind it. */
  private int endOfFile(int i) {
    return i >= filled && !atEnd ? i : -1;
  }

  private int endOfDigits(int from) {
    byte[] bytes = window;
    int i = from;
    while (isDigit(bytes[i])) {
      i++;
    }
    return i;
  }

  private static boolean isDigit(byte c) {
    return c >= '0' && c <= '9';
  }

  /** Reads a string; null where there is none. */
  @Nullable String string() throws IOException {
    if (!skip('"')) {
      return null;
    }
    ByteArrayOutputStream quoted = new ByteArrayOutputStream();
    quoted.write('"');
    boolean escaped = false;
    while (at < filled || refill()) {
      byte c = window[at++];
      quoted.write(c);
      if (c == '"' && !escaped) {
        return unquoted(quoted.toByteArray());
      }
      escaped = c == '\\' && !escaped;
    }
    return null;
  }

  private static @Nullable String unquoted(byte[] json) throws IOException {
    try (JsonParser parser = JACKSON.createParser(json)) {
      parser.nextToken();
      return parser.getText();
    } catch (JsonProcessingException e) {
      return null;
    }
  }

  /** What comes next, in words. */
  String found() throws IOException {
    byte c = peek();
    return switch (c) {
      case 0 -> "the end";
      case '{' -> "an object";
      case '[' -> "an array";
      case '"' -> "a string";
      case 't', 'f' -> "a boolean";
      case 'n' -> "null";
      default -> c == '-' || isDigit(c) ? "a number" : "'" + (char) c + "'";
    };
  }

  private boolean refill() throws IOException {
    System.arraycopy(window, at, window, 0, filled - at);
    filled -= at;
    at = 0;
    int before = filled;
    while (!atEnd && filled < WINDOW_BYTES) {
      int count = file.read(ByteBuffer.wrap(window, filled, WINDOW_BYTES - filled));
      atEnd = count < 0;
      filled += Math.max(0, count);
    }
    window[filled] = 0;
    return filled > before;
  }

  @Override
  public void close() throws IOException {
    file.close();
  }

  /**
   * Reads all of a file by Jackson.
   *
   * @throws BadTokensException.Malformed where it is not one JSON value
   */
  static void check(Path path) throws IOException {
    try (JsonParser json = JACKSON.createParser(path.toFile())) {
      if (json.nextToken() == null) {
        throw new BadTokensException.Malformed("expected JSON, found an empty body");
      }
      json.skipChildren();
      if (json.nextToken() != null) {
        throw new BadTokensException.Malformed("expected JSON, found more behind its end");
      }
    } catch (JsonProcessingException e) {
      throw new BadTokensException.Malformed(
          String.format(
              Locale.ROOT,
              "expected JSON, found: %s (line %d, column %d)",
              e.getOriginalMessage().strip().split("\\R", 2)[0],
              e.getLocation().getLineNr(),
              e.getLocation().getColumnNr()));
    }
  }
}
