package dev.poolmark.evaluator.dataset;

import dev.poolmark.evaluator.files.BadDataException;
import dev.poolmark.evaluator.files.TextLines;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.regex.Pattern;

/** The number that a row has besides its sentences: how to read it. */
public enum Numbers {
  /** How close the sentences of a pair are. */
  LABELS("labels", "a label from 0 to 5") {
    @Override
    boolean isValid(double number) {
      return number >= 0 && number <= 5;
    }
  },
  /** By how much a teacher finds an anchor closer to its positive than to its negative. */
  MARGINS("margins", "a finite margin") {
    @Override
    boolean isValid(double number) {
      return Double.isFinite(number);
    }
  };

  /** Numbers that were printed from floats are the same numbers. */
  private static final double TOLERANCE = 1e-6;

  private static final Pattern NUMBER =
      Pattern.compile("[-+]?(\\d+\\.?\\d*|\\.\\d+)([eE][-+]?\\d+)?");

  private final String key;
  private final String expected;

  Numbers(String key, String expected) {
    this.key = key;
    this.expected = expected;
  }

  abstract boolean isValid(double number);

  /** The file that holds one a row, {@code labels.txt}. */
  public String fileName() {
    return key + ".txt";
  }

  /** The tensor of a store, F64 {@code [rows]}. */
  String tensor() {
    return key;
  }

  /** What a row must have: {@code a label from 0 to 5}. */
  public String expected() {
    return expected;
  }

  /** Reads one as it is spelled, blanks around it or not; NaN where it is none. */
  public double parse(String text) {
    String word = text.strip();
    double number = NUMBER.matcher(word).matches() ? Double.parseDouble(word) : Double.NaN;
    return isValid(number) ? number + 0.0 : Double.NaN; // "-0" is 0
  }

  /** A whole number as it is spelled, {@code 126} or {@code 1.26e2}; 0 where it is none. */
  static int wholeNumber(String word) {
    try {
      return NUMBER.matcher(word).matches() ? new BigDecimal(word).intValueExact() : 0;
    } catch (ArithmeticException | NumberFormatException e) {
      return 0; // of too many digits, before the point or behind it
    }
  }

  /** Reads a file of them, one for each row of the file of first sentences. */
  double[] read(Path file, InputStream in, int rows, Path first) throws IOException {
    double[] numbers = new double[rows];
    try (TextLines lines = new TextLines(file, in)) {
      int count = 0;
      for (String line = lines.next(); line != null; line = lines.next()) {
        if (count == rows) {
          throw differentLength(file, rows, first, "more");
        }
        numbers[count++] = parse(file, lines.row(), line);
      }
      if (count < rows) {
        throw differentLength(file, rows, first, String.valueOf(count));
      }
    }
    return numbers;
  }

  /**
   * Checks that a file of sentences has as many rows, and the same numbers: in its last column, or
   * where a first row of the columns' names says.
   *
   * @param numbers empty where the rows have none
   * @param numbersFile where they were read from; the file of first sentences where there are none
   */
  static void checkTexts(
      Path texts, InputStream in, Layout layout, double[] numbers, int rows, Path numbersFile)
      throws IOException {
    try (TextLines lines = new TextLines(texts, in)) {
      int count = 0;
      int more = 0;
      int column = layout.sides().size();
      for (String line = lines.next(); line != null; line = lines.next()) {
        String[] columns = line.split("\t", -1);
        if (lines.row() == 1 && layout.isHeader(columns)) {
          more = layout.more(columns);
          column = layout.numberColumn(columns);
          continue;
        }
        if (count == rows) {
          throw differentLength(texts, rows, numbersFile, "more");
        }
        if (layout.numbers().isPresent()) {
          checkColumns(texts, lines.row(), layout, columns.length, more);
          if (columns.length > column) {
            checkSame(texts, lines.row(), layout, columns[column], numbers, count, numbersFile);
          }
        }
        count++;
      }
      if (count < rows) {
        throw differentLength(texts, rows, numbersFile, String.valueOf(count));
      }
    }
  }

  /**
   * @param more columns besides those of the layout
   */
  private static void checkColumns(Path texts, long row, Layout layout, int found, int more) {
    int sentences = layout.sides().size();
    boolean right = found == sentences + 1 + more || !layout.needsNumbers() && found == sentences;
    if (!right) {
      String expected =
          more == 0
              ? layout.columns()
              : String.format(Locale.ROOT, "%d columns as named", sentences + 1 + more);
      throw new BadDataException(texts, row, expected, TextLines.columns(found));
    }
  }

  private static void checkSame(
      Path texts,
      long row,
      Layout layout,
      String spelling,
      double[] numbers,
      int index,
      Path numbersFile) {
    Numbers kind = layout.numbers().orElseThrow();
    double number = kind.parse(texts, row, spelling);
    if (numbers.length > 0
        && Math.abs(number - numbers[index]) > TOLERANCE * Math.max(1, Math.abs(number))) {
      throw new BadDataException(
          texts,
          row,
          String.format(
              Locale.ROOT,
              "the %s %s of %s",
              kind.key.substring(0, kind.key.length() - 1),
              numbers[index],
              numbersFile),
          String.valueOf(number));
    }
  }

  static BadDataException differentLength(Path file, int expected, Path other, String found) {
    return new BadDataException(
        file, String.format(Locale.ROOT, "%d rows as in %s", expected, other), found);
  }

  private double parse(Path file, long row, String text) {
    double number = parse(text);
    if (Double.isNaN(number)) {
      throw new BadDataException(file, row, expected, TextLines.quoted(text));
    }
    return number;
  }

  /** Whether all of them are. */
  boolean areValid(double[] numbers) {
    return Arrays.stream(numbers).allMatch(this::isValid);
  }
}
