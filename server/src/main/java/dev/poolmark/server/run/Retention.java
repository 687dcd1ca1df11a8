package dev.poolmark.server.run;

import io.vertx.core.Vertx;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How long runs are kept that have ended and are not pinned.
 *
 * @param age after that they are deleted; never where absent
 * @param newest so many are kept; all where absent
 */
public record Retention(Optional<Duration> age, OptionalInt newest) {

  private static final Logger LOG = LoggerFactory.getLogger(Retention.class);
  private static final long EVERY_MILLIS = 60_000;

  public Retention {
    age.ifPresent(
        days ->
            check(days.toDays() >= 1, "--keep-days: expected at least 1, found %d", days.toDays()));
    newest.ifPresent(
        runs -> check(runs >= 1, "--keep-runs: expected at least 1, found %d", (long) runs));
  }

  private static void check(boolean right, String message, long found) {
    if (!right) {
      throw new IllegalArgumentException(String.format(Locale.ROOT, message, found));
    }
  }

  /** Deletes what is too old or too much, now and every minute. */
  public void keepTo(RunStore store, Vertx vertx) {
    if (age.isPresent() || newest.isPresent()) {
      prune(store);
      vertx.setPeriodic(EVERY_MILLIS, timer -> prune(store));
    }
  }

  private void prune(RunStore store) {
    store
        .prune(age.map(Instant.now()::minus), newest)
        .onSuccess(
            runs -> {
              if (runs > 0) {
                LOG.info("{} runs were deleted, as --keep-days and --keep-runs have it", runs);
              }
            })
        .onFailure(fault -> LOG.warn("old runs can't be deleted: {}", fault.getMessage()));
  }
}
