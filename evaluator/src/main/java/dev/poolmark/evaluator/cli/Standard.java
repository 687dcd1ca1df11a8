package dev.poolmark.evaluator.cli;

import dev.poolmark.evaluator.files.NamedOutputStream;
import java.io.BufferedWriter;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/** The process's own streams, in UTF-8 whatever the locale is. */
final class Standard {

  /** More than any help text: that is written, and fails, at the end of the command. */
  private static final int BUFFER = 1 << 16;

  private Standard() {}

  /**
   * Stdout for results. A Java writer keeps quiet about what it could not write; this one ends the
   * command, by an {@link UncheckedIOException} with a line for the user.
   */
  static PrintWriter out() {
    OutputStream out =
        new NamedOutputStream("stdout", new FileOutputStream(FileDescriptor.out)) {
          @Override
          public void write(byte[] bytes, int from, int count) {
            try {
              super.write(bytes, from, count);
            } catch (IOException e) {
              throw new UncheckedIOException(e);
            }
          }
        };
    return new PrintWriter(
        new BufferedWriter(new OutputStreamWriter(out, StandardCharsets.UTF_8), BUFFER));
  }

  /** Lets all that the JVM itself prints be UTF-8. */
  static void useUtf8() {
    System.setOut(stream(FileDescriptor.out));
    System.setErr(stream(FileDescriptor.err));
  }

  private static PrintStream stream(FileDescriptor descriptor) {
    return new PrintStream(new FileOutputStream(descriptor), true, StandardCharsets.UTF_8);
  }
}
