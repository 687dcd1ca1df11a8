package dev.poolmark.evaluator.dataset;

import dev.poolmark.evaluator.files.BadDataException;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** Reads rows of text, of bounded length. Blank rows may stand at the end of the file alone. */
final class LineReader implements AutoCloseable {

  private final Path file;
  private final InputStream in;
  private final ByteArrayOutputStream line = new ByteArrayOutputStream();
  private long row;

  LineReader(Path file, InputStream in) {
    this.file = file;
    this.in = new BufferedInputStream(in, 1 << 16);
  }

  /** The next row without its line end; null at the end of the file. */
  String next() throws IOException {
    row++;
    String next = read();
    if (next != null && next.isBlank()) {
      for (String more = next; more != null; more = read()) {
        if (!more.isBlank()) {
          throw new BadDataException(file, row, "text", "an empty row");
        }
      }
      return null;
    }
    return next;
  }

  private String read() throws IOException {
    line.reset();
    int c = in.read();
    if (c < 0) {
      return null;
    }
    for (; c >= 0 && c != '\n'; c = in.read()) {
      if (line.size() == FileLimits.MAX_LINE_BYTES) {
        throw new BadDataException(
            file, row, "at most " + FileLimits.MAX_LINE_BYTES + " characters", "more");
      }
      line.write(c);
    }
    String text = line.toString(StandardCharsets.UTF_8);
    return text.endsWith("\r") ? text.substring(0, text.length() - 1) : text;
  }

  /** The row that was read last, counted from 1. */
  long row() {
    return row;
  }

  @Override
  public void close() throws IOException {
    in.close();
  }
}
