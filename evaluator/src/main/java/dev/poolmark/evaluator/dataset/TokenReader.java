package dev.poolmark.evaluator.dataset;

import dev.poolmark.evaluator.files.BadDataException;
import dev.poolmark.evaluator.files.TextFile;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Locale;

/**
 * Reads rows of {@code count dim n n n ...}: the number of tokens, their width, and {@code count *
 * dim} numbers, separated by blanks or tabs. Holds a window of the text, however long a row is.
 */
final class TokenReader implements AutoCloseable {

  private static final int WINDOW_BYTES = 1 << 20;

  private final Path file;
  private InputStream in;
  private final int dim;

  /**
   * Whole words from {@code at} to {@code end}; from there to {@code filled} a word's beginning.
   */
  private final byte[] window = new byte[WINDOW_BYTES + 1 + FloatParser.PADDING];

  private int at;
  private int end;
  private int filled;
  private boolean atEnd;

  private long row;
  private int tokens;
  private int tokensRead;

  TokenReader(Path file, InputStream in, int dim) {
    this.file = file;
    this.in = in;
    this.dim = dim;
  }

  /**
   * Begins the next row.
   *
   * @return its number of tokens; -1 at the end of the file
   */
  int nextRow() throws IOException {
    if (row == 0) {
      in = TextFile.withoutMark(in);
    }
    row++;
    if (!skipBlanks()) {
      return -1;
    }
    if (window[at] == '\n') {
      return expectEnd();
    }
    tokens = count("a number of tokens from 1 to " + FileLimits.MAX_TOKENS, FileLimits.MAX_TOKENS);
    tokensRead = 0;
    if (!skipBlanks() || window[at] == '\n') {
      throw bad("the dimension " + dim, "the end of the row");
    }
    int found = count("the dimension " + dim, Integer.MAX_VALUE);
    if (found != dim) {
      throw bad("the dimension " + dim, String.valueOf(found));
    }
    return tokens;
  }

  private int expectEnd() throws IOException {
    while (skipBlanks()) {
      if (window[at] != '\n') {
        throw bad("a number of tokens", "an empty row");
      }
      at++;
    }
    return -1;
  }

  private int count(String expected, int max) {
    int from = at;
    long value = 0;
    while (window[at] >= '0' && window[at] <= '9' && value <= max) {
      value = 10 * value + (window[at++] - '0');
    }
    if (!FloatParser.isEnd(window[at]) && value <= max) {
      value = otherSpelling(from);
    }
    if (at == from || value < 1 || value > max) {
      throw bad(expected, "'" + word(from) + "'");
    }
    return (int) value;
  }

  /** Programs that write all numbers alike write a count as {@code 126.0}; 0 where it is none. */
  private int otherSpelling(int from) {
    String word = word(from);
    if (from + word.length() < end && FloatParser.isEnd(window[from + word.length()])) {
      at = from + word.length();
      return Numbers.wholeNumber(word);
    }
    return 0;
  }

  private String word(int from) {
    int to = from;
    while (!FloatParser.isEnd(window[to])) {
      to++;
    }
    return new String(window, from, Math.min(to - from, 40), StandardCharsets.UTF_8);
  }

  /** Reads the row's next token into the first {@code dim} elements. */
  void nextToken(float[] values) throws IOException {
    int from = at; // a local, so that it stays in a register
    for (int i = 0; i < dim; i++) {
      // Nearly always there is one blank, and a number behind it.
      boolean usual = from + 1 < end && window[from] == ' ' && window[from + 1] > ' ';
      from = number(usual ? from + 1 : nextWord(from, i), values, i);
    }
    at = from;
    tokensRead++;
  }

  private int nextWord(int from, int i) throws IOException {
    at = from;
    if (!skipBlanks() || window[at] == '\n') {
      throw bad(numbers(), String.valueOf((long) tokensRead * dim + i));
    }
    return at;
  }

  private int number(int from, float[] values, int i) {
    int to;
    try {
      to = FloatParser.parse(window, from, values, i);
    } catch (NumberFormatException e) {
      throw bad("a number", String.valueOf(e.getMessage()));
    }
    if (Float.isInfinite(values[i])) {
      throw bad("a number that fits into a float", "'" + word(from) + "'");
    }
    return to;
  }

  /** Ends the row after its last token. */
  void endRow() throws IOException {
    if (skipBlanks()) {
      if (window[at] != '\n') {
        throw bad(numbers(), "more");
      }
      at++;
    }
  }

  private String numbers() {
    return String.format(
        Locale.ROOT, "%d tokens of %d numbers, %d in all", tokens, dim, (long) tokens * dim);
  }

  private BadDataException bad(String expected, String found) {
    return new BadDataException(file, row, expected, found);
  }

  /** Moves to the next word or line end; false at the end of the file. */
  private boolean skipBlanks() throws IOException {
    while (true) {
      if (at == end && !refill()) {
        return false;
      }
      byte c = window[at];
      if (c != ' ' && c != '\t' && c != '\r') {
        return true;
      }
      at++;
    }
  }

  /** Reads on, up to the end of a word. */
  private boolean refill() throws IOException {
    System.arraycopy(window, end, window, 0, filled - end);
    filled -= end;
    at = 0;
    end = 0;
    while (end == 0 && !atEnd) {
      if (filled == WINDOW_BYTES) {
        throw bad("a number", "one of more than " + WINDOW_BYTES + " characters");
      }
      int count = in.read(window, filled, WINDOW_BYTES - filled);
      if (count < 0) {
        atEnd = true;
        if (filled > 0) {
          window[filled++] = '\n'; // the last row may lack it
        }
        end = filled;
      } else {
        filled += count;
        end = lastEnd();
      }
    }
    return end > 0;
  }

  private int lastEnd() {
    int last = filled;
    while (last > 0 && !FloatParser.isEnd(window[last - 1])) {
      last--;
    }
    return last;
  }

  @Override
  public void close() throws IOException {
    in.close();
  }
}
