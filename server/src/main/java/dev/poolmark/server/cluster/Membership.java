package dev.poolmark.server.cluster;

import dev.poolmark.server.store.Database;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A server's place among the nodes of a database, which it has before it does anything there. */
public final class Membership {

  private static final Logger LOG = LoggerFactory.getLogger(Membership.class);

  private final NodeTable table;
  private final String url;
  private final String home;
  private final Seat seat;

  private Membership(NodeTable table, String url, String home, Seat seat) {
    this.table = table;
    this.url = url;
    this.home = home;
    this.seat = seat;
  }

  /**
   * Takes a place among the nodes of a database, and brings its tables up to date.
   *
   * @param name none for one after the machine
   * @param home a folder whose lock this process holds
   * @param clustered whether others may be there beside it
   * @param busHost where it is to hear them; none where it is alone, or told otherwise
   * @throws IOException where there is no such place; its message is one line
   */
  public static Membership join(
      String url, Optional<String> name, Path home, boolean clustered, Optional<String> busHost)
      throws IOException {
    NodeTable table = new NodeTable(url);
    String identity = NodeTable.identity(home);
    return new Membership(table, url, identity, table.join(name, identity, clustered, busHost));
  }

  public String node() {
    return seat.name();
  }

  /** How long what a node was doing is its own after it was heard of; none where it is alone. */
  public Optional<Duration> lease() {
    return seat.clustered() ? Optional.of(NodeTable.PATIENCE) : Optional.empty();
  }

  NodeTable table() {
    return table;
  }

  String home() {
    return home;
  }

  Seat seat() {
    return seat;
  }

  /** Gives the place back of a server that didn't come to serve. */
  public void leave() {
    try {
      Database.once(
          url,
          db -> {
            NodeTable.leave(db, seat);
            return seat;
          });
    } catch (IOException e) {
      LOG.debug("the place is free after a while", e);
    }
  }
}
