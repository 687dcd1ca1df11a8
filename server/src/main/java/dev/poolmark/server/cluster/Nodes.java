package dev.poolmark.server.cluster;

import dev.poolmark.server.store.Database;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The nodes of a database, among which this one says every two seconds that it is there. */
public final class Nodes {

  private static final Logger LOG = LoggerFactory.getLogger(Nodes.class);
  private static final long BEAT_MILLIS = 2000;
  private static final long FAREWELL_MILLIS = 2000;

  private final Vertx vertx;
  private final Database database;
  private final Membership membership;
  private boolean lost;
  private boolean left;

  public Nodes(Vertx vertx, Database database, Membership membership) {
    this.vertx = vertx;
    this.database = database;
    this.membership = membership;
  }

  /**
   * The condition, of rows of {@code nodes}, that a node is there.
   *
   * @param now what the time is, as SQL asks the database
   */
  public static String areThere(String now) {
    return "nodes.heard > " + now + " - " + NodeTable.PATIENCE.toMillis();
  }

  /**
   * Says from now on that this node is there.
   *
   * @param draining whether it takes no more runs
   * @param description what {@code GET /nodes} is to tell of it
   */
  public Future<Void> begin(BooleanSupplier draining, Supplier<JsonObject> description) {
    vertx.setPeriodic(BEAT_MILLIS, timer -> beat(draining, description));
    return beat(draining, description);
  }

  private Future<Void> beat(BooleanSupplier draining, Supplier<JsonObject> description) {
    String state = draining.getAsBoolean() ? "draining" : "up";
    JsonObject what = description.get();
    return left
        ? Future.succeededFuture()
        : database
            .ask(db -> membership.table().beat(db, membership, state, what))
            .onSuccess(this::note)
            .mapEmpty();
  }

  private void note(boolean there) {
    if (!there && !lost) {
      LOG.error("another server took the place of node '{}'", membership.node());
    }
    lost = !there;
  }

  /** Whether another server took this node's place: to everybody else, two would be one. */
  public boolean lost() {
    return lost;
  }

  /** The name of this one. */
  public String own() {
    return membership.node();
  }

  /** All of them, by their names. */
  public Future<List<Node>> list() {
    return database.ask(membership.table()::nodes);
  }

  /** Gives the place back, so that nobody waits for this node. */
  public Future<Void> leave() {
    left = true;
    return database
        .ask(
            db -> {
              NodeTable.leave(db, membership.seat());
              return membership;
            })
        .timeout(FAREWELL_MILLIS, TimeUnit.MILLISECONDS)
        .otherwiseEmpty()
        .mapEmpty();
  }
}
