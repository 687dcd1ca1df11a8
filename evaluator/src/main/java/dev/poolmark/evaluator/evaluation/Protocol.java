package dev.poolmark.evaluator.evaluation;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;

/**
 * What happens to a batch before it is timed. It moves a cheap pooler's time by up to five times.
 */
public enum Protocol {
  /** Assembled just before, untimed, by the thread that passes it: a loop over a DataLoader. */
  FRESH,
  /** All batches are assembled first, then each is passed once: most left the cache meanwhile. */
  COLD,
  /** Passed {@value #HOT_PASSES} times, the fastest counts: the batch lies in the cache. */
  HOT;

  static final int HOT_PASSES = 7;

  /** The name in options and reports: {@code fresh}. */
  @JsonValue
  public String key() {
    return name().toLowerCase(Locale.ROOT);
  }
}
