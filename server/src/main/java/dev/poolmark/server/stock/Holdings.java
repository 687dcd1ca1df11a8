package dev.poolmark.server.stock;

import static dev.poolmark.server.store.Database.inTransaction;
import static dev.poolmark.server.store.Database.rows;
import static dev.poolmark.server.store.Database.update;

import dev.poolmark.server.cluster.Nodes;
import dev.poolmark.server.stock.Holding.Kind;
import dev.poolmark.server.store.Database;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.net.URI;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The table of what nodes have. Only what nodes have that are there counts. */
public final class Holdings {

  private static final String COLUMNS = "kind, holdings.name, sha256, about";

  private final Database database;
  private final String node;
  private final String now;

  /**
   * @param node this one's name
   */
  public Holdings(Database database, String node) {
    this.database = database;
    this.node = node;
    this.now = database.now();
  }

  /** Writes what this node has; nothing else is its own any more. */
  Future<Void> write(List<Holding> all) {
    return database
        .ask(
            db ->
                inTransaction(
                    db,
                    () -> {
                      update(
                          db,
                          "DELETE FROM holdings WHERE node = ? OR node NOT IN (SELECT name FROM"
                              + " nodes)",
                          node);
                      for (Holding holding : all) {
                        insert(db, holding);
                      }
                      return all;
                    }))
        .mapEmpty();
  }

  private int insert(Connection db, Holding holding) throws SQLException {
    return update(
        db,
        "INSERT INTO holdings (node, kind, name, sha256, about) VALUES (?, ?, ?, ?, ?)",
        node,
        holding.kind().text(),
        holding.name(),
        holding.sha256(),
        holding.about() == null ? null : holding.about().encode());
  }

  /** What other nodes have of a name: the same of the most nodes first. */
  Future<Optional<Holding>> elsewhere(Kind kind, String name) {
    String sql =
        "SELECT "
            + COLUMNS
            + " FROM holdings JOIN nodes ON node = nodes.name WHERE kind = ? AND holdings.name = ?"
            + " AND node <> ? AND "
            + Nodes.areThere(now);
    return database
        .ask(db -> rows(db, Holdings::holding, sql, kind.text(), name, node))
        .map(Holdings::mostCommon);
  }

  private static Optional<Holding> mostCommon(List<Holding> found) {
    return found.stream().collect(Collectors.groupingBy(Holding::sha256)).values().stream()
        .max(
            Comparator.<List<Holding>>comparingInt(List::size)
                .thenComparing(same -> same.get(0).sha256()))
        .map(same -> same.get(0));
  }

  private static Holding holding(ResultSet row) throws SQLException {
    String about = row.getString("about");
    return new Holding(
        Kind.of(row.getString("kind")),
        row.getString("name"),
        row.getString("sha256"),
        about == null ? null : new JsonObject(about));
  }

  /** What data sets, or models, of other nodes are called. */
  Future<List<String>> elsewhere(Kind kind) {
    String sql =
        "SELECT DISTINCT holdings.name AS name FROM holdings JOIN nodes ON node = nodes.name"
            + " WHERE kind = ? AND node <> ? AND "
            + Nodes.areThere(now)
            + " ORDER BY 1";
    return database.ask(db -> rows(db, row -> row.getString(1), sql, kind.text(), node));
  }

  /** Where other nodes are that have data or a model of this content. */
  Future<List<URI>> addresses(String sha256) {
    String sql =
        "SELECT DISTINCT nodes.name, description FROM holdings JOIN nodes ON node = nodes.name"
            + " WHERE sha256 = ? AND kind IN ('data', 'model', 'copy') AND node <> ? AND "
            + Nodes.areThere(now)
            + " ORDER BY 1";
    return database
        .ask(db -> rows(db, row -> row.getString("description"), sql, sha256, node))
        .map(
            found ->
                found.stream()
                    .map(description -> new JsonObject(description).getString("address"))
                    .filter(Objects::nonNull)
                    .map(URI::create)
                    .toList());
  }

  /**
   * The condition, of a table {@code runs}, of a run that a node can score: its machine is the one
   * that is asked for, it has the plugin, and some node has the rest. Its values are {@link
   * #suitsValues}.
   *
   * @param shares whether there may be other nodes; else there is nobody else to wait for
   */
  public static String suits(String now, boolean shares) {
    String asked = "(machine IS NULL OR machine IN (?, ?))";
    String isThere =
        " (SELECT 1 FROM holdings JOIN nodes ON node = nodes.name WHERE " + Nodes.areThere(now);
    return !shares
        ? asked
        : asked
            + " AND (pooler_sha256 IS NULL OR EXISTS (SELECT 1 FROM holdings WHERE sha256 ="
            + " pooler_sha256 AND kind = 'pooler' AND node = ?) OR EXISTS"
            + isThere
            + " AND sha256 = pooler_sha256 AND kind IN ('model', 'copy')))"
            + " AND (data_sha256 IS NULL OR EXISTS"
            + isThere
            + " AND sha256 = data_sha256 AND kind IN ('data', 'copy')))";
  }

  /** The values of {@link #suits}. */
  public static List<String> suitsValues(String node, String machine, boolean shares) {
    return shares ? List.of(node, machine, node) : List.of(node, machine);
  }

  /**
   * Why no node that is there can take a run.
   *
   * @param machine the one that is asked for; null for any
   * @param pooler the run's spec
   * @param dataset the run's
   * @return none where one can
   */
  public static Optional<String> obstacle(
      Connection db,
      String now,
      @Nullable String machine,
      Needs needs,
      String pooler,
      String dataset)
      throws SQLException {
    List<Owned> owned = owned(db, now, needs);
    Set<String> there =
        Set.copyOf(
            rows(
                db,
                row -> row.getString(1),
                "SELECT name FROM nodes WHERE " + Nodes.areThere(now)));
    Set<String> fitting =
        there.stream()
            .filter(node -> machine == null || machine.equals(node) || runsOn(owned, node, machine))
            .collect(Collectors.toSet());
    if (fitting.isEmpty()) {
      return Optional.of(
          String.format(
              Locale.ROOT,
              "no node that is there is machine '%s'; GET /nodes lists them",
              machine));
    }
    String sha256 = needs.poolerSha256();
    if (sha256 != null
        && owned.stream()
            .noneMatch(one -> one.holding().sha256().equals(sha256) && gives(one, fitting))) {
      return Optional.of(
          lacking(Models.namesFile(pooler) ? "model" : "the plugin of", pooler, sha256));
    }
    String data = needs.dataSha256();
    return data == null || owned.stream().anyMatch(one -> one.holding().sha256().equals(data))
        ? Optional.empty()
        : Optional.of(lacking("data set", dataset, data));
  }

  private static String lacking(String what, String name, String sha256) {
    return String.format(
        Locale.ROOT,
        "no node that can take it has %s '%s' as it was when the run was submitted, sha256 %s",
        what,
        name,
        sha256);
  }

  private record Owned(String node, Holding holding) {}

  private static boolean runsOn(List<Owned> owned, String node, String machine) {
    return owned.stream()
        .anyMatch(
            one ->
                one.holding().kind() == Kind.MACHINE
                    && one.node().equals(node)
                    && one.holding().name().equals(machine));
  }

  /** A plugin is used where it is; all else is sent. */
  private static boolean gives(Owned one, Set<String> to) {
    return one.holding().kind() != Kind.POOLER || to.contains(one.node());
  }

  /** The machines, and what a run needs, of nodes that are there. */
  private static List<Owned> owned(Connection db, String now, Needs needs) throws SQLException {
    String sql =
        "SELECT node, "
            + COLUMNS
            + " FROM holdings JOIN nodes ON node = nodes.name WHERE (kind = 'machine' OR sha256 IN"
            + " (?, ?)) AND "
            + Nodes.areThere(now);
    return rows(
        db,
        row -> new Owned(row.getString("node"), holding(row)),
        sql,
        Objects.requireNonNullElse(needs.dataSha256(), ""),
        Objects.requireNonNullElse(needs.poolerSha256(), ""));
  }
}
