package dev.poolmark.evaluator.contest;

import java.util.Locale;
import java.util.Optional;

/** What the contest fixes. What it leaves open is assumed by a formula, and said where it is. */
public final class Contest {

  /** Width of the contest's token embeddings. */
  public static final int DIM = 768;

  /** The pooler whose time counts as 1. The contest names none: this is an assumption. */
  public static final String REFERENCE = "mean";

  /** The contest takes no larger model, in bytes. */
  public static final long SIZE_LIMIT = 20L << 20;

  private Contest() {}

  /**
   * What is wrong with a model's size.
   *
   * @return one line, or nothing where the contest takes it
   */
  public static Optional<String> sizeFinding(long bytes) {
    return bytes <= SIZE_LIMIT
        ? Optional.empty()
        : Optional.of(
            String.format(
                Locale.ROOT,
                "expected a model of at most 20 MiB, found %.1f MiB",
                bytes / (double) (1 << 20)));
  }

  /**
   * Refuses a model that is too large.
   *
   * @param what what is too large
   */
  public static void checkSize(String what, long bytes) {
    if (bytes > SIZE_LIMIT) {
      throw new OverSizeLimitException(what, bytes);
    }
  }
}
