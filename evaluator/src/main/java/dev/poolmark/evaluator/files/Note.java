package dev.poolmark.evaluator.files;

/** What the user should know, though the command goes on: a line on stderr. */
public final class Note {

  private Note() {}

  /** Tells it. */
  public static void tell(String text) {
    System.err.println("poolmark: " + Printable.of(text));
  }
}
