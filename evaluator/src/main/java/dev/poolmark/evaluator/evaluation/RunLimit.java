package dev.poolmark.evaluator.evaluation;

import dev.poolmark.evaluator.torch.PoolerFault;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.function.BooleanSupplier;

/** When a pooler's run has to end before its data does. */
final class RunLimit {

  private final Optional<Duration> timeout;
  private final BooleanSupplier cancelled;
  private final long start = System.nanoTime();
  private volatile boolean ended;

  RunLimit(Optional<Duration> timeout, BooleanSupplier cancelled) {
    this.timeout = timeout;
    this.cancelled = cancelled;
  }

  double secondsSoFar() {
    return (System.nanoTime() - start) / 1e9;
  }

  /** What is left of the time; below zero where it is over. */
  Optional<Duration> left() {
    return timeout.map(limit -> limit.minusNanos(System.nanoTime() - start));
  }

  /** The time in all, in seconds. */
  double seconds() {
    return timeout.orElseThrow().toMillis() / 1000.0;
  }

  /** Ends the run as a cancel does. */
  void end() {
    ended = true;
  }

  /**
   * @throws PoolerFault when the time is over
   * @throws CancellationException when the run is cancelled
   */
  void check() {
    if (ended || cancelled.getAsBoolean()) {
      throw new CancellationException("cancelled");
    }
    if (timeout.isPresent() && System.nanoTime() - start > timeout.get().toNanos()) {
      throw new PoolerFault(
          String.format(
              Locale.ROOT, "expected an end within %s s, found it still running", seconds()));
    }
  }
}
