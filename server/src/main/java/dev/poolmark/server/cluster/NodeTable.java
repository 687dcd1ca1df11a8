package dev.poolmark.server.cluster;

import static dev.poolmark.server.store.Database.inTransaction;
import static dev.poolmark.server.store.Database.rows;
import static dev.poolmark.server.store.Database.update;

import dev.poolmark.evaluator.evaluation.Machine;
import dev.poolmark.server.store.Database;
import io.vertx.core.json.JsonObject;
import io.vertx.core.net.HostAndPort;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;

/**
 * The table of the nodes. A node that was not heard of for {@link #PATIENCE}, by the database's
 * clock, is gone; its row is kept for a day, so that one can see what became of it.
 */
final class NodeTable {

  /** How long a node may be silent. */
  static final Duration PATIENCE = Duration.ofSeconds(15);

  /** Hazelcast's usual ports. */
  private static final int FIRST_BUS_PORT = 5701;

  private static final int BUS_PORTS = 100;

  private static final long KEPT_MILLIS = Duration.ofDays(1).toMillis();

  private final String url;
  private final String now;

  NodeTable(String url) {
    this.url = url;
    this.now = Database.now(url);
  }

  /**
   * Who a node is: a home has one server at a time, which the home's lock holds, so what this
   * database knows of an earlier one in the same home is past.
   */
  static String identity(Path home) {
    return host() + ":" + home;
  }

  private static String host() {
    return Machine.host().orElse("localhost");
  }

  /**
   * Adds a node.
   *
   * @param wanted its name; where absent, the machine's with the first number that is free
   * @param clustered whether others may be there beside it
   * @param busHost where it is to hear them; none where it is alone, or told otherwise
   * @throws IOException where the name is taken, or who is there won't share
   */
  Seat join(Optional<String> wanted, String home, boolean clustered, Optional<String> busHost)
      throws IOException {
    return Database.once(
        url,
        db ->
            inTransaction(
                db,
                () -> {
                  if (!Database.isSqlite(url)) {
                    update(db, "LOCK TABLE nodes IN EXCLUSIVE MODE"); // one joins after the other
                  }
                  List<Node> others =
                      nodes(db).stream()
                          .filter(node -> node.isThere() && !node.home().equals(home))
                          .toList();
                  refuseToShare(others, clustered);
                  Seat seat =
                      new Seat(
                          name(wanted, others),
                          UUID.randomUUID().toString(),
                          clustered,
                          busHost.isPresent()
                              ? Optional.of(freePlace(busHost.get(), others))
                              : Optional.empty(),
                          secret(db));
                  update(
                      db,
                      "DELETE FROM nodes WHERE home = ? OR name = ? OR heard < " + now + " - ?",
                      home,
                      seat.name(),
                      KEPT_MILLIS);
                  insert(db, seat, home);
                  return seat;
                }));
  }

  private void refuseToShare(List<Node> others, boolean clustered) throws IOException {
    for (Node other : others) {
      if (!clustered || !other.clustered()) {
        throw new IOException(
            String.format(
                Locale.ROOT,
                "%s: another Poolmark server uses this database: node '%s', heard of %.1f s ago;"
                    + " servers share one where each has --cluster",
                Database.withoutSecrets(url),
                other.name(),
                other.silentMillis() / 1e3));
      }
    }
  }

  private static String name(Optional<String> wanted, List<Node> others) throws IOException {
    if (wanted.isEmpty()) {
      String host = host().replaceAll("[^A-Za-z0-9._-]", "-");
      String name = host;
      for (int number = 2; find(others, name).isPresent(); number++) {
        name = host + "-" + number;
      }
      return name;
    }
    Optional<Node> taken = find(others, wanted.get());
    if (taken.isPresent()) {
      throw new IOException(
          String.format(
              Locale.ROOT,
              "--node %s: expected a name that no other node has, found one in %s, heard of %.1f s"
                  + " ago",
              wanted.get(),
              taken.get().home(),
              taken.get().silentMillis() / 1e3));
    }
    return wanted.get();
  }

  private static Optional<Node> find(List<Node> nodes, String name) {
    return nodes.stream().filter(node -> node.name().equals(name)).findFirst();
  }

  private static HostAndPort freePlace(String host, List<Node> others) throws IOException {
    for (int port = FIRST_BUS_PORT; port < FIRST_BUS_PORT + BUS_PORTS; port++) {
      HostAndPort place = HostAndPort.create(host, port);
      if (others.stream().noneMatch(node -> node.bus().equals(Optional.of(place)))
          && isFree(place)) {
        return place;
      }
    }
    throw new IOException(
        String.format(
            Locale.ROOT,
            "--cluster: expected a free port from %d to %d at %s for the bus, found none",
            FIRST_BUS_PORT,
            FIRST_BUS_PORT + BUS_PORTS - 1,
            host));
  }

  private static boolean isFree(HostAndPort place) {
    try (ServerSocket socket = new ServerSocket()) {
      socket.bind(new InetSocketAddress(place.host(), place.port()));
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  /** The first node makes it. */
  private static String secret(Connection db) throws SQLException {
    update(
        db,
        "INSERT INTO cluster_secret (secret)"
            + " SELECT ? WHERE NOT EXISTS (SELECT 1 FROM cluster_secret)",
        UUID.randomUUID().toString());
    return rows(db, row -> row.getString(1), "SELECT secret FROM cluster_secret").get(0);
  }

  private int insert(Connection db, Seat seat, String home) throws SQLException {
    return update(
        db,
        "INSERT INTO nodes (name, home, incarnation, clustered, bus, state, description, since,"
            + " heard) VALUES (?, ?, ?, ?, ?, 'starting', '{}', "
            + now
            + ", "
            + now
            + ") ON CONFLICT (name) DO NOTHING",
        seat.name(),
        home,
        seat.incarnation(),
        seat.clustered() ? 1 : 0,
        seat.bus().map(HostAndPort::toString).orElse(null));
  }

  /** Other nodes that are there, and where each hears others. */
  Map<String, HostAndPort> others(Seat seat) throws IOException {
    return Database.look(
        url,
        db -> {
          Map<String, HostAndPort> places = new TreeMap<>();
          for (Node node : nodes(db)) {
            if (node.isThere() && !node.name().equals(seat.name())) {
              node.bus().ifPresent(place -> places.put(node.name(), place));
            }
          }
          return places;
        });
  }

  /** Tells where a node hears others, once it knows. */
  void tellBus(Seat seat, HostAndPort place) throws IOException {
    Database.look(
        url,
        db ->
            update(
                db,
                "UPDATE nodes SET bus = ? WHERE name = ? AND incarnation = ?",
                place.toString(),
                seat.name(),
                seat.incarnation()));
  }

  /**
   * Tells that a node is there, and how it is.
   *
   * @return false where its place was taken
   */
  boolean beat(Connection db, Membership node, String state, JsonObject description)
      throws SQLException {
    Seat seat = node.seat();
    return tell(db, state, description, seat) == 1
        || (insert(db, seat, node.home()) == 1 && tell(db, state, description, seat) == 1);
  }

  private int tell(Connection db, String state, JsonObject description, Seat seat)
      throws SQLException {
    return update(
        db,
        "UPDATE nodes SET state = ?, description = ?, heard = "
            + now
            + " WHERE name = ? AND incarnation = ?",
        state,
        description.encode(),
        seat.name(),
        seat.incarnation());
  }

  static void leave(Connection db, Seat seat) throws SQLException {
    update(
        db,
        "DELETE FROM nodes WHERE name = ? AND incarnation = ?",
        seat.name(),
        seat.incarnation());
  }

  /** All nodes, by their names. */
  List<Node> nodes(Connection db) throws SQLException {
    return rows(
        db,
        NodeTable::node,
        "SELECT name, home, clustered, state, bus, description, since, "
            + now
            + " - heard AS silent FROM nodes ORDER BY name");
  }

  private static Node node(ResultSet row) throws SQLException {
    return new Node(
        row.getString("name"),
        row.getString("home"),
        row.getInt("clustered") == 1,
        row.getString("state"),
        Optional.ofNullable(row.getString("bus"))
            .map(place -> HostAndPort.parseAuthority(place, -1)),
        new JsonObject(row.getString("description")),
        Instant.ofEpochMilli(row.getLong("since")),
        row.getLong("silent"));
  }
}
