package dev.poolmark.server.run;

import java.time.Duration;
import java.util.Optional;

/**
 * A node that takes runs.
 *
 * @param node its name
 * @param machine what it runs on, as reports tell it
 * @param lease how long a run that it took stays its own without a word of it; none where it serves
 *     the database alone
 */
public record Claimant(String node, String machine, Optional<Duration> lease) {

  /** Whether there may be other nodes. */
  boolean shares() {
    return lease.isPresent();
  }
}
