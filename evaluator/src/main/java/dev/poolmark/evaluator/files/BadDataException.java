package dev.poolmark.evaluator.files;

import java.nio.file.Path;
import java.util.Locale;

/** Data that is not as the contest lays it down; the message is one line for the user. */
public final class BadDataException extends RuntimeException {

  private final transient Path file;
  private final long row;

  /**
   * Something is wrong with one row.
   *
   * @param row the row, counted from 1
   */
  public BadDataException(Path file, long row, String expected, String found) {
    super(
        Printable.of(
            String.format(
                Locale.ROOT, "%s, row %d: expected %s, found %s", file, row, expected, found)));
    this.file = file;
    this.row = row;
  }

  /** Something is wrong with a whole file. */
  public BadDataException(Path file, String expected, String found) {
    super(
        Printable.of(
            String.format(Locale.ROOT, "%s: expected %s, found %s", file, expected, found)));
    this.file = file;
    this.row = 0;
  }

  /** The file. */
  public Path file() {
    return file;
  }

  /** The row, counted from 1; 0 where it is about the whole file. */
  public long row() {
    return row;
  }
}
