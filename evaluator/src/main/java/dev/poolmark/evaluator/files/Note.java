package dev.poolmark.evaluator.files;

import java.util.function.Consumer;

/** What the user should know, though the command goes on: a line on stderr. */
public final class Note {

  // A worker's own stderr is closed to the user, since plugins print there.
  private static volatile Consumer<String> reader = System.err::println;

  private Note() {}

  /** From now on this takes the lines, for the command that runs. */
  public static void to(Consumer<String> newReader) {
    reader = newReader;
  }

  /** Tells it. */
  public static void tell(String text) {
    reader.accept("poolmark: " + Printable.of(text));
  }
}
