package dev.poolmark.evaluator.tuning;

import java.time.Duration;
import java.util.OptionalDouble;

/** The time that there is, and what of it is for what; all in seconds since the start. */
final class Budget {

  private static final double FINALS_SHARE = 0.3;
  private static final double CLOSING_SHARE = 0.3;
  private static final double MOST_CLOSING_SECONDS = 75;

  private final double seconds;
  private final long start;

  /**
   * @param start what {@code System.nanoTime()} was when it began
   */
  Budget(Duration budget, long start) {
    this.seconds = budget.toMillis() / 1e3;
    this.start = start;
  }

  double seconds() {
    return seconds;
  }

  double soFar() {
    return (System.nanoTime() - start) / 1e9;
  }

  /** What is left of all of it; never less than 0. */
  double left() {
    return Math.max(0, seconds - soFar());
  }

  /**
   * When candidates have been tried for long enough.
   *
   * @param finals how long the finals would take, as far as that is known
   * @param refit how long a refit takes
   */
  double searchEnd(OptionalDouble finals, double refit) {
    return finalsEnd(refit) - Math.min(FINALS_SHARE * seconds, finals.orElse(Double.MAX_VALUE));
  }

  /**
   * When the finalists have been looked at for long enough.
   *
   * @param refit how long a refit takes
   */
  double finalsEnd(double refit) {
    return refitEnd() - refit;
  }

  /** When the best has to be packed. */
  double refitEnd() {
    return seconds - Math.min(MOST_CLOSING_SECONDS, CLOSING_SHARE * seconds);
  }

  /** How long it is until then; never nothing, for what is over is ended by what it is told. */
  Duration until(double end) {
    return Duration.ofMillis((long) Math.max(1, (end - soFar()) * 1000));
  }
}
