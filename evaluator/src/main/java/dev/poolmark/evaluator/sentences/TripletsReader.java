package dev.poolmark.evaluator.sentences;

import dev.poolmark.evaluator.dataset.ColumnNames;
import dev.poolmark.evaluator.dataset.Numbers;
import dev.poolmark.evaluator.files.TextLines;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/**
 * Reads triplets row by row from a UTF-8 file, plain or {@code .gz}: {@code anchor \t positive \t
 * negative}, and in all rows or none {@code \t margin}. The margins may also stand in a file of
 * their own, one a row. A first row of the columns' names is passed over.
 */
public final class TripletsReader implements RowReader<Triplet> {

  private static final int SENTENCES = 3;

  private static final String COLUMNS =
      "3 or 4 columns separated by tabs (anchor, positive, negative, margin)";

  private final TextLines lines;
  private final Optional<TextLines> margins;
  private final Path file;
  private int columns;

  private TripletsReader(TextLines lines, Optional<TextLines> margins, Path file) {
    this.lines = lines;
    this.margins = margins;
    this.file = file;
    this.columns = margins.isPresent() ? SENTENCES : 0;
  }

  /**
   * Opens triplets.
   *
   * @param margins their margins, where they don't stand in the file itself
   */
  public static TripletsReader open(Path file, Optional<Path> margins) throws IOException {
    TextLines lines = TextLines.open(file);
    try {
      return new TripletsReader(
          lines,
          margins.isPresent() ? Optional.of(TextLines.open(margins.get())) : Optional.empty(),
          file);
    } catch (IOException e) {
      lines.close();
      throw e;
    }
  }

  @Override
  public @Nullable Triplet next() throws IOException {
    String text = lines.next();
    if (text == null) {
      checkEndOfMargins();
      return null;
    }
    String[] row = text.split("\t", -1);
    if (lines.row() == 1 && ColumnNames.areOfTriplets(row)) {
      return next();
    }
    if (columns == 0 && (row.length == SENTENCES || row.length == SENTENCES + 1)) {
      columns = row.length;
    }
    if (row.length != columns) {
      throw lines.bad(columns(), TextLines.columns(row.length));
    }
    return new Triplet(row[0], row[1], row[2], margin(row));
  }

  private String columns() {
    if (margins.isPresent()) {
      return "3 columns, as the margins have a file of their own";
    }
    return columns == 0 ? COLUMNS : columns + " columns, as in the rows above";
  }

  private OptionalDouble margin(String[] row) throws IOException {
    if (margins.isPresent()) {
      String text = margins.get().next();
      if (text == null) {
        throw margins.get().endsEarly("a margin for each triplet of " + file);
      }
      return OptionalDouble.of(margin(text, margins.get(), ""));
    }
    return columns == SENTENCES
        ? OptionalDouble.empty()
        : OptionalDouble.of(margin(row[SENTENCES], lines, " in column 4"));
  }

  private static double margin(String text, TextLines from, String where) {
    double margin = Numbers.MARGINS.parse(text);
    if (Double.isNaN(margin)) {
      throw from.bad(Numbers.MARGINS.expected() + where, TextLines.quoted(text));
    }
    return margin;
  }

  private void checkEndOfMargins() throws IOException {
    if (margins.isPresent() && margins.get().next() != null) {
      throw margins
          .get()
          .bad(
              String.format(
                  Locale.ROOT, "no more margins than the %d triplets of %s", lines.row(), file),
              "more");
    }
  }

  @Override
  public void close() throws IOException {
    try (lines) {
      if (margins.isPresent()) {
        margins.get().close();
      }
    }
  }
}
