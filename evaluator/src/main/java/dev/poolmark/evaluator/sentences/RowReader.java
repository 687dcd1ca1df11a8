package dev.poolmark.evaluator.sentences;

import java.io.Closeable;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads a text file row by row, each checked. */
public interface RowReader<R extends Row> extends Closeable {

  /**
   * The next row, or null at the end of the file.
   *
   * @throws dev.poolmark.evaluator.files.BadDataException naming the row, what was expected and
   *     what was found
   */
  @Nullable R next() throws IOException;

  /** The next rows, so many at most; none at the end of the file. */
  default List<R> next(int most) throws IOException {
    List<R> rows = new ArrayList<>();
    for (R row; rows.size() < most && (row = next()) != null; ) {
      rows.add(row);
    }
    return rows;
  }
}
