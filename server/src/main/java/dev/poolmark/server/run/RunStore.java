package dev.poolmark.server.run;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import io.vertx.core.json.JsonObject;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Properties;
import java.util.stream.Collectors;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The runs in a database, SQLite or PostgreSQL by the JDBC URL. One connection on one worker
 * thread: statements never overlap, and the event loop never waits for the disk. A future that has
 * succeeded is a commit; one that fails with a {@link StoreOutage} may be tried again.
 */
public final class RunStore {

  private static final Logger LOG = LoggerFactory.getLogger(RunStore.class);
  private static final long PROBE_MILLIS = 500;

  private static final String COLUMNS =
      "id, sequence, status, attempt, cancel_requested_at, pooler, dataset, batch_size, timeout_seconds, report, error,"
          + " created_at, started_at, finished_at";

  private final Vertx vertx;
  private final String url;
  private final WorkerExecutor worker;
  private boolean available = true;

  // The worker's.
  private @Nullable Connection connection;
  private long outageUntil = System.nanoTime();

  private RunStore(Vertx vertx, String url) {
    this.vertx = vertx;
    this.url = url;
    this.worker = vertx.createSharedWorkerExecutor("store", 1);
  }

  /** Opens the database, takes it for this server alone, and brings its tables up to date. */
  public static Future<RunStore> open(Vertx vertx, String url) {
    RunStore store = new RunStore(vertx, url);
    return store
        .worker
        .executeBlocking(store::openFirst)
        .recover(failure -> store.close().transform(closed -> store.notOpened(failure)));
  }

  private Future<RunStore> notOpened(Throwable failure) {
    String where = url.replaceFirst("[?].*", "").replaceFirst("^jdbc:sqlite:", "");
    return Future.failedFuture(
        new IOException(
            String.format(
                Locale.ROOT,
                "%s: expected a database for the runs, found: %s",
                where,
                oneLine(failure)),
            failure));
  }

  /** Whether the database was there when it was last asked. */
  public boolean available() {
    return available;
  }

  /** A new run at the end of the queue. */
  public Future<Run> insert(String id, RunRequest request) {
    return onWorker(
        db -> {
          Instant now = Instant.now();
          String sql =
              "INSERT INTO runs (id, status, pooler, dataset, batch_size, timeout_seconds,"
                  + " created_at) VALUES (?, 'queued', ?, ?, ?, ?, ?)";
          try (PreparedStatement statement = db.prepareStatement(sql)) {
            statement.setString(1, id);
            statement.setString(2, request.pooler());
            statement.setString(3, request.dataset());
            statement.setInt(4, request.batchSize());
            statement.setLong(5, request.timeoutSeconds());
            statement.setLong(6, now.toEpochMilli());
            statement.executeUpdate();
          }
          return select(db, "WHERE id = ?", id).get(0);
        });
  }

  /**
   * A lane takes a run.
   *
   * @param attempt which of its attempts it is; to start the same one again changes nothing
   * @return false where the run no longer waits: it was cancelled
   */
  public Future<Boolean> start(String id, int attempt) {
    return onWorker(
        db ->
            update(
                        db,
                        "UPDATE runs SET status = 'running', attempt = ?, started_at = ?"
                            + " WHERE id = ? AND attempt = ? AND "
                            + mayBecome(RunStatus.RUNNING),
                        attempt,
                        now(),
                        id,
                        attempt - 1)
                    == 1
                || goesOn(select(db, "WHERE id = ?", id).get(0), attempt));
  }

  private static boolean goesOn(Run run, int attempt) {
    return run.status() == RunStatus.RUNNING && run.attempt() == attempt;
  }

  /**
   * Keeps how an attempt ended, its report and pair scores, in one transaction. Where somebody had
   * asked for a cancel, the run ends as cancelled.
   *
   * @return the run as it is then: as it was before where the attempt had been taken from its lane
   */
  public Future<Run> finish(String id, int attempt, RunOutcome outcome) {
    return onWorker(
        db ->
            inTransaction(
                db,
                () -> {
                  Run run = lock(db, id);
                  if (goesOn(run, attempt)) {
                    writeOutcome(db, run, run.cancelRequested() ? RunOutcome.cancelled() : outcome);
                  }
                  return select(db, "WHERE id = ?", id).get(0);
                }));
  }

  /**
   * What became of a cancel.
   *
   * @param taken whether the run had not ended
   * @param run as it is then: ended if it waited
   */
  record Cancel(boolean taken, Run run) {}

  /** Somebody asks for a run's end. It ends at once if it waits; else that is kept with it. */
  Future<Cancel> cancel(String id) {
    return onWorker(
        db ->
            inTransaction(
                db,
                () -> {
                  Run run = lock(db, id);
                  if (run.status() == RunStatus.QUEUED) {
                    writeOutcome(db, run, RunOutcome.cancelled());
                  } else if (run.status() == RunStatus.RUNNING) {
                    update(
                        db,
                        "UPDATE runs SET cancel_requested_at = ? WHERE id = ?"
                            + " AND status = 'running' AND cancel_requested_at IS NULL",
                        now(),
                        id);
                  }
                  return new Cancel(!run.status().ended(), select(db, "WHERE id = ?", id).get(0));
                }));
  }

  /** The run, which nobody else changes before the transaction ends. */
  private Run lock(Connection db, String id) throws SQLException {
    String locking = sqlite() ? "" : " FOR UPDATE";
    return select(db, "WHERE id = ?" + locking, id).get(0);
  }

  private boolean sqlite() {
    return url.startsWith("jdbc:sqlite:");
  }

  private static <T> T inTransaction(Connection db, Transaction<T> work)
      throws SQLException, IOException {
    db.setAutoCommit(false);
    T result = work.run();
    db.commit();
    db.setAutoCommit(true);
    return result;
  }

  private interface Transaction<T> {
    T run() throws SQLException, IOException;
  }

  /** The condition of each change of a status, as {@link RunStatus} has them. */
  private static String mayBecome(RunStatus next) {
    return next.before().stream()
        .map(status -> "'" + status.text() + "'")
        .collect(Collectors.joining(", ", "status IN (", ")"));
  }

  private static void writeOutcome(Connection db, Run run, RunOutcome outcome)
      throws SQLException, IOException {
    String id = run.id();
    update(
        db,
        "UPDATE runs SET status = ?, report = ?, error = ?, total = ?, data_sha256 = ?,"
            + " protocol = ?, finished_at = ?"
            + " WHERE id = ? AND attempt = ? AND "
            + mayBecome(outcome.status()),
        outcome.status().text(),
        outcome.report() == null ? null : outcome.report().encode(),
        outcome.error() == null ? null : outcome.error().replace('\0', ' '),
        total(outcome.report()),
        dataSha256(outcome.report()),
        protocol(outcome.report()),
        now(),
        id,
        run.attempt());
    if (outcome.pairScores() != null) {
      update(db, "DELETE FROM pair_scores WHERE run_id = ?", id);
      String sql = "INSERT INTO pair_scores (run_id, csv_gz) VALUES (?, ?)";
      try (PreparedStatement statement = db.prepareStatement(sql)) {
        statement.setString(1, id);
        statement.setBytes(2, gzip(outcome.pairScores()));
        statement.executeUpdate();
      }
    }
  }

  /** Puts a run back in its place in the queue where this attempt goes on: its lane is taken. */
  public Future<Void> requeue(String id, int attempt) {
    return onWorker(db -> takeFromLanes(db, "AND id = ? AND attempt = ?", id, attempt)).mapEmpty();
  }

  /**
   * What is running waits again, or ends where somebody had asked for that.
   *
   * @return how many wait again
   */
  private static int takeFromLanes(Connection db, String which, Object... values)
      throws SQLException {
    List<Object> withTime = new ArrayList<>(List.of(now()));
    withTime.addAll(List.of(values));
    update(
        db,
        "UPDATE runs SET status = 'cancelled', finished_at = ?"
            + " WHERE status = 'running' AND cancel_requested_at IS NOT NULL "
            + which,
        withTime.toArray());
    return update(
        db,
        "UPDATE runs SET status = 'queued', started_at = NULL WHERE status = 'running' " + which,
        values);
  }

  /** Takes back a run of which it is not known whether it was inserted. */
  public Future<Void> delete(String id) {
    return onWorker(
            db ->
                update(
                    db, "DELETE FROM runs WHERE id = ? AND attempt = 0 AND status = 'queued'", id))
        .mapEmpty();
  }

  /** All runs that have not ended, oldest first; those that were running are queued again. */
  public Future<List<Run>> recover() {
    return onWorker(
        db -> {
          takeFromLanes(db, "");
          return select(db, "WHERE status = 'queued' ORDER BY sequence");
        });
  }

  public Future<Optional<Run>> find(String id) {
    return onWorker(db -> select(db, "WHERE id = ?", id).stream().findFirst());
  }

  /**
   * Newest first.
   *
   * @param before only runs that came before this sequence number
   */
  public Future<List<Run>> list(int limit, long before) {
    return onWorker(
        db -> select(db, "WHERE sequence < ? ORDER BY sequence DESC LIMIT ?", before, limit));
  }

  /** The board that is wanted. */
  public Future<Leaderboard> leaderboard(Leaderboard.Wanted wanted) {
    return onWorker(
        db -> {
          for (String dataset : wanted.datasets()) {
            List<Leaderboard.LeftOut> boards = boards(db, dataset);
            if (!boards.isEmpty()) {
              return leaderboard(db, dataset, boards, wanted);
            }
          }
          return new Leaderboard(wanted.datasets().get(0), Optional.empty(), List.of(), List.of());
        });
  }

  private static Leaderboard leaderboard(
      Connection db, String dataset, List<Leaderboard.LeftOut> boards, Leaderboard.Wanted wanted)
      throws SQLException {
    Optional<Leaderboard.Key> key =
        boards.stream().map(Leaderboard.LeftOut::key).filter(wanted::takes).findFirst();
    List<Leaderboard.LeftOut> others = new ArrayList<>(boards);
    others.removeIf(board -> key.isPresent() && board.key().equals(key.get()));
    return new Leaderboard(
        dataset, key, key.isPresent() ? best(db, dataset, key.get()) : List.of(), others);
  }

  /** What is there of a data set, that of the newest run first. */
  private static List<Leaderboard.LeftOut> boards(Connection db, String dataset)
      throws SQLException {
    String sql =
        "SELECT COALESCE(data_sha256, '') AS sha256, batch_size, COALESCE(protocol, 'hot') AS clock,"
            + " COUNT(*) AS runs FROM runs WHERE status = 'done' AND dataset = ?"
            + " GROUP BY COALESCE(data_sha256, ''), batch_size, COALESCE(protocol, 'hot')"
            + " ORDER BY MAX(sequence) DESC";
    List<Leaderboard.LeftOut> boards = new ArrayList<>();
    try (PreparedStatement statement = db.prepareStatement(sql)) {
      bind(statement, dataset);
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          boards.add(
              new Leaderboard.LeftOut(
                  new Leaderboard.Key(
                      row.getString("sha256"), row.getInt("batch_size"), row.getString("clock")),
                  row.getInt("runs")));
        }
      }
    }
    return boards;
  }

  private static List<Run> best(Connection db, String dataset, Leaderboard.Key key)
      throws SQLException {
    return select(
        db,
        "WHERE sequence IN (SELECT MAX(sequence) FROM runs WHERE status = 'done' AND dataset = ?"
            + " AND COALESCE(data_sha256, '') = ? AND batch_size = ?"
            + " AND COALESCE(protocol, 'hot') = ? GROUP BY pooler) ORDER BY total DESC, sequence",
        dataset,
        key.sha256(),
        key.batchSize(),
        key.protocol());
  }

  /** The gzipped CSV of a run's pairs. */
  public Future<Optional<byte[]>> pairScores(String id) {
    return onWorker(
        db -> {
          String sql = "SELECT csv_gz FROM pair_scores WHERE run_id = ?";
          try (PreparedStatement statement = db.prepareStatement(sql)) {
            statement.setString(1, id);
            try (ResultSet rows = statement.executeQuery()) {
              return rows.next() ? Optional.of(rows.getBytes(1)) : Optional.empty();
            }
          }
        });
  }

  public Future<Void> close() {
    return worker
        .<Void>executeBlocking(
            () -> {
              disconnect();
              return null;
            })
        .eventually(worker::close);
  }

  private interface Work<T> {
    T in(Connection connection) throws SQLException, IOException;
  }

  private <T> Future<T> onWorker(Work<T> work) {
    return worker
        .executeBlocking(() -> done(work), true)
        .onSuccess(result -> available = true)
        .onFailure(this::noteOutage);
  }

  private void noteOutage(Throwable failure) {
    if (failure instanceof StoreOutage outage && !outage.full() && available) {
      LOG.warn("the database is away: {}", failure.getMessage());
      available = false;
      probe();
    }
  }

  /** Nobody may ask anything of a server that says that it is not well. */
  private void probe() {
    vertx.setTimer(
        PROBE_MILLIS,
        timer ->
            onWorker(Connection::getAutoCommit)
                .onSuccess(connected -> LOG.info("the database is back"))
                .onFailure(failure -> probe()));
  }

  private <T> T done(Work<T> work) throws SQLException, IOException {
    try {
      return work.in(connection());
    } catch (SQLException e) {
      if (StoreOutage.isFull(e)) {
        rollback();
        throw new StoreOutage(oneLine(e), e, true);
      }
      disconnect();
      if (StoreOutage.caused(e)) {
        outageUntil = System.nanoTime() + PROBE_MILLIS / 2 * 1_000_000;
        throw new StoreOutage(oneLine(e), e, false);
      }
      throw e;
    } catch (IOException e) {
      disconnect();
      throw e;
    }
  }

  /** On PostgreSQL the lock comes before the schema: no other server's is changed under it. */
  private RunStore openFirst() throws SQLException {
    connection();
    Schema.bringUpToDate(url);
    return this;
  }

  /** The connection, or a new one where a database server has dropped it. */
  private Connection connection() throws SQLException {
    if (System.nanoTime() - outageUntil < 0) { // not every request is to wait for what was tried
      throw new StoreOutage("it was a moment ago", null, false);
    }
    if (connection == null || !connection.isValid(5)) {
      disconnect();
      connection = DriverManager.getConnection(url, patience());
      prepare(connection);
    }
    return connection;
  }

  /** How long a silent server is waited for, where the URL doesn't say. */
  private Properties patience() {
    Properties properties = new Properties();
    if (url.startsWith("jdbc:postgresql:")) {
      properties.putAll(
          Map.of("connectTimeout", "5", "socketTimeout", "30", "tcpKeepAlive", "true"));
    }
    return properties;
  }

  /** What has no room is not written; what was written before can still be read. */
  private void rollback() {
    try {
      if (connection != null && !connection.getAutoCommit()) {
        connection.rollback();
        connection.setAutoCommit(true);
      }
    } catch (SQLException e) {
      disconnect();
    }
  }

  /** A connection on which something went wrong may be in the middle of a transaction. */
  private void disconnect() {
    try {
      if (connection != null) {
        connection.close();
      }
    } catch (SQLException e) {
      LOG.debug("a broken connection", e);
    }
    connection = null;
  }

  private static String oneLine(Throwable failure) {
    return String.valueOf(failure.getMessage()).strip().split("\\R", 2)[0];
  }

  private void prepare(Connection db) throws SQLException {
    boolean sqlite = sqlite();
    try (Statement statement = db.createStatement()) {
      if (sqlite) {
        // A result that was announced survives a power cut, too.
        statement.execute("PRAGMA journal_mode = WAL");
        statement.execute("PRAGMA synchronous = FULL");
      } else {
        takeAlone(statement);
      }
    }
  }

  /** Two servers on one database would both run the same runs. */
  private static void takeAlone(Statement statement) throws SQLException {
    try (ResultSet row =
        statement.executeQuery("SELECT pg_try_advisory_lock(hashtext('dev.poolmark.server'))")) {
      row.next();
      if (!row.getBoolean(1)) {
        throw new SQLException("another Poolmark server uses this database");
      }
    }
  }

  private static List<Run> select(Connection db, String where, Object... values)
      throws SQLException {
    String sql = "SELECT " + COLUMNS + " FROM runs " + where;
    try (PreparedStatement statement = db.prepareStatement(sql)) {
      bind(statement, values);
      List<Run> runs = new ArrayList<>();
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          runs.add(run(rows));
        }
      }
      return runs;
    }
  }

  private static Run run(ResultSet row) throws SQLException {
    String report = row.getString("report");
    return new Run(
        row.getString("id"),
        row.getLong("sequence"),
        RunStatus.of(row.getString("status")),
        row.getInt("attempt"),
        row.getObject("cancel_requested_at") != null,
        new RunRequest(
            row.getString("pooler"),
            row.getString("dataset"),
            row.getInt("batch_size"),
            row.getLong("timeout_seconds")),
        report == null ? null : new JsonObject(report),
        row.getString("error"),
        Objects.requireNonNull(time(row, "created_at"), "created_at"),
        time(row, "started_at"),
        time(row, "finished_at"));
  }

  private static @Nullable Instant time(ResultSet row, String column) throws SQLException {
    long millis = row.getLong(column);
    return row.wasNull() ? null : Instant.ofEpochMilli(millis);
  }

  /** Returns how many rows were changed. */
  private static int update(Connection db, String sql, @Nullable Object... values)
      throws SQLException {
    try (PreparedStatement statement = db.prepareStatement(sql)) {
      bind(statement, values);
      return statement.executeUpdate();
    }
  }

  private static void bind(PreparedStatement statement, @Nullable Object... values)
      throws SQLException {
    for (int i = 0; i < values.length; i++) {
      statement.setObject(i + 1, values[i]);
    }
  }

  private static @Nullable Double total(@Nullable JsonObject report) {
    JsonObject total = report == null ? null : report.getJsonObject("total");
    return total == null ? null : total.getDouble("score");
  }

  private static @Nullable String dataSha256(@Nullable JsonObject report) {
    JsonObject dataset = report == null ? null : report.getJsonObject("dataset");
    return dataset == null ? null : dataset.getString("sha256");
  }

  private static @Nullable String protocol(@Nullable JsonObject report) {
    JsonObject time = report == null ? null : report.getJsonObject("time");
    return time == null ? null : time.getString("protocol", "hot");
  }

  private static long now() {
    return System.currentTimeMillis();
  }

  private static byte[] gzip(Path file) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(bytes)) {
      Files.copy(file, gzip);
    }
    return bytes.toByteArray();
  }
}
