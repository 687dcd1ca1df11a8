package dev.poolmark.evaluator.contest;

import java.util.Locale;

/** A model that the contest would not take; the message is one line. */
public final class OverSizeLimitException extends RuntimeException {

  /**
   * @param what what is too large
   */
  OverSizeLimitException(String what, long bytes) {
    super(
        String.format(
            Locale.ROOT,
            "%s: expected at most %,d bytes (20 MiB), found %,d",
            what,
            Contest.SIZE_LIMIT,
            bytes));
  }
}
