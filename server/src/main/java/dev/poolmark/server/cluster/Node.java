package dev.poolmark.server.cluster;

import io.vertx.core.json.JsonObject;
import io.vertx.core.net.HostAndPort;
import java.time.Instant;
import java.util.Optional;

/**
 * A node, as the database knows it.
 *
 * @param home which it alone works in
 * @param clustered whether others may be there beside it
 * @param state what it said: {@code starting}, {@code up} or {@code draining}
 * @param bus where it hears others
 * @param description what else it says of itself
 * @param since when it started, by the database's clock
 * @param silentMillis how long ago it was heard of
 */
public record Node(
    String name,
    String home,
    boolean clustered,
    String state,
    Optional<HostAndPort> bus,
    JsonObject description,
    Instant since,
    long silentMillis) {

  /** Whether it may still be working. */
  public boolean isThere() {
    return silentMillis < NodeTable.PATIENCE.toMillis();
  }

  /** As clients read it. */
  public JsonObject toJson() {
    return new JsonObject()
        .put("name", name)
        .put("state", isThere() ? state : "lost")
        .put("since", since.toString())
        .put("heard_ms_ago", Math.max(0, silentMillis))
        .mergeIn(description);
  }
}
