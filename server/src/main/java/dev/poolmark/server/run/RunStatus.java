package dev.poolmark.server.run;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;

/**
 * Where a run stands. It goes these ways and no other; every change in the database has them as its
 * condition:
 *
 * <pre>
 * queued  → running                  a lane takes it; this is its next attempt
 *         → cancelled                somebody cancels it
 * running → done, failed             its attempt ended, and nobody had asked for a cancel
 *         → cancelled                its attempt ended, or was taken from its lane, after that
 *         → queued                   its attempt was taken from its lane
 * </pre>
 *
 * What ended stays as it ended.
 */
public enum RunStatus {
  QUEUED,
  RUNNING,
  DONE,
  FAILED,
  CANCELLED;

  private Set<RunStatus> next() {
    return switch (this) {
      case QUEUED -> EnumSet.of(RUNNING, CANCELLED);
      case RUNNING -> EnumSet.of(QUEUED, DONE, FAILED, CANCELLED);
      case DONE, FAILED, CANCELLED -> EnumSet.noneOf(RunStatus.class);
    };
  }

  /** Where a run may have been right before. */
  Set<RunStatus> before() {
    Set<RunStatus> before = EnumSet.noneOf(RunStatus.class);
    Arrays.stream(values()).filter(from -> from.next().contains(this)).forEach(before::add);
    return before;
  }

  /** As JSON and the database spell it. */
  public String text() {
    return name().toLowerCase(Locale.ROOT);
  }

  public static RunStatus of(String text) {
    return valueOf(text.toUpperCase(Locale.ROOT));
  }

  public boolean ended() {
    return next().isEmpty();
  }
}
