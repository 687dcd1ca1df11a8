package dev.poolmark.evaluator.cli;

import dev.poolmark.evaluator.files.AtomicFile;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Where results go. */
final class Output {

  private Output() {}

  /** To the file, or to stdout where there is none. */
  static void write(String result, @Nullable Path file, PrintWriter stdout) throws IOException {
    if (file == null) {
      stdout.print(result);
      stdout.flush();
    } else {
      AtomicFile.writeString(file, result);
    }
  }

  /** Checks that a file, which may be null, can be put in its place. */
  static void check(@Nullable Path file) throws IOException {
    if (file != null) {
      AtomicFile.check(file);
    }
  }
}
