package dev.poolmark.evaluator.sentences;

import dev.poolmark.evaluator.dataset.Numbers;
import dev.poolmark.evaluator.files.BadDataException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;

/**
 * Reads sentence pairs row by row from a UTF-8 file, plain or {@code .gz}, in one of two layouts;
 * the first row tells which. In both, columns are parted by tabs and quotes are literal characters.
 *
 * <ul>
 *   <li>the contest's File 1: {@code sentence \t sentence \t label};
 *   <li>STS-B: the label in column 5, the sentences in columns 6 and 7, perhaps more columns after.
 * </ul>
 */
public final class PairsReader implements RowReader<SentencePair> {

  private enum Layout {
    CONTEST(3, 0, 1, 2, "3 columns parted by tabs (sentence, sentence, label)"),
    STSB(7, 5, 6, 4, "at least 7 columns parted by tabs (label in 5, sentences in 6 and 7)");

    final int columns;
    final int first;
    final int second;
    final int label;
    final String expectation;

    Layout(int columns, int first, int second, int label, String expectation) {
      this.columns = columns;
      this.first = first;
      this.second = second;
      this.label = label;
      this.expectation = expectation;
    }

    boolean fits(int found) {
      return this == CONTEST ? found == columns : found >= columns;
    }
  }

  private final TextLines lines;
  private Layout layout;

  private PairsReader(TextLines lines) {
    this.lines = lines;
  }

  public static PairsReader open(Path file) throws IOException {
    return new PairsReader(TextLines.open(file));
  }

  @Override
  public SentencePair next() throws IOException {
    String text = lines.next();
    if (text == null) {
      return null;
    }
    String[] columns = text.split("\t", -1);
    if (layout == null) {
      layout = detect(columns);
    }
    if (!layout.fits(columns.length)) {
      throw bad(layout.expectation, found(text, columns));
    }
    return new SentencePair(
        columns[layout.first], columns[layout.second], label(columns[layout.label]));
  }

  @Override
  public void close() throws IOException {
    lines.close();
  }

  private Layout detect(String[] columns) {
    for (Layout candidate : Layout.values()) {
      if (candidate.fits(columns.length)) {
        return candidate;
      }
    }
    throw bad(
        Layout.CONTEST.expectation + " or " + Layout.STSB.expectation,
        found(String.join("\t", columns), columns));
  }

  private static String found(String text, String[] columns) {
    return text.isEmpty()
        ? "an empty row"
        : columns.length + (columns.length == 1 ? " column" : " columns");
  }

  private double label(String spelling) {
    double label = Numbers.LABELS.parse(spelling);
    if (Double.isNaN(label)) {
      throw bad(
          String.format(
              Locale.ROOT, "%s in column %d", Numbers.LABELS.expected(), layout.label + 1),
          "'" + cut(spelling.strip()) + "'");
    }
    return label;
  }

  private static String cut(String text) {
    return text.length() <= 40 ? text : text.substring(0, 40) + "…";
  }

  private BadDataException bad(String expected, String found) {
    return lines.bad(expected, found);
  }
}
