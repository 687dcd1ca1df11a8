package dev.poolmark.server.run;

import dev.poolmark.evaluator.files.NativeLibrary;
import dev.poolmark.evaluator.worker.WorkerRequest.Timing;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import io.vertx.core.json.JsonArray;
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
import java.util.OptionalInt;
import java.util.Properties;
import java.util.stream.Collectors;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.sqlite.SQLiteJDBCLoader;

/**
 * The runs in a database, SQLite or PostgreSQL by the JDBC URL. One connection on one worker
 * thread: statements never overlap, and the event loop never waits for the disk. A future that has
 * succeeded is a commit; one that fails with a {@link StoreOutage} may be tried again.
 */
public final class RunStore {

  private static final Logger LOG = LoggerFactory.getLogger(RunStore.class);
  private static final long PROBE_MILLIS = 500;

  private static final String ENDED = "status IN ('done', 'failed', 'cancelled')";

  /** Of {@code protocols}, null where only one is timed. */
  private static final String ALL = "all";

  private static final String COLUMNS =
      "id, sequence, status, attempt, cancel_requested_at, pooler, dataset, batch_size, engine, protocol, protocols, timeout_seconds, name, notes,"
          + " tags, pinned, report, error, log,"
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
    if (failure instanceof IOException told) {
      return Future.failedFuture(told);
    }
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
              "INSERT INTO runs (id, status, pooler, dataset, batch_size, engine, protocol,"
                  + " protocols, timeout_seconds, created_at)"
                  + " VALUES (?, 'queued', ?, ?, ?, ?, ?, ?, ?, ?)";
          update(
              db,
              sql,
              id,
              request.pooler(),
              request.dataset(),
              request.batchSize(),
              request.timing().engine(),
              request.timing().protocol(),
              request.timing().allProtocols() ? ALL : null,
              request.timeoutSeconds(),
              now.toEpochMilli());
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
    return select(db, "WHERE id = ?" + locking(), id).get(0);
  }

  private String locking() {
    return sqlite() ? "" : " FOR UPDATE";
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
        "UPDATE runs SET status = ?, report = ?, error = ?, log = ?, total = ?, data_sha256 = ?,"
            + " finished_at = ?"
            + " WHERE id = ? AND attempt = ? AND "
            + mayBecome(outcome.status()),
        outcome.status().text(),
        outcome.report() == null ? null : outcome.report().encode(),
        withoutNul(outcome.error()),
        withoutNul(outcome.log()),
        total(outcome.report()),
        dataSha256(outcome.report()),
        now(),
        id,
        run.attempt());
    if (outcome.pairScores() != null) {
      update(db, "DELETE FROM pair_scores WHERE run_id = ?", id);
      update(
          db,
          "INSERT INTO pair_scores (run_id, csv_gz, passes) VALUES (?, ?, ?)",
          id,
          gzip(outcome.pairScores()),
          outcome.passes() == null ? null : outcome.passes().encode());
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
  public Future<List<Run>> list(RunFilter filter, int limit, long before) {
    List<Object> values = new ArrayList<>(List.of(before));
    values.addAll(filter.values());
    values.add(limit);
    return onWorker(
        db ->
            select(
                db,
                "WHERE sequence < ?" + filter.conditions() + " ORDER BY sequence DESC LIMIT ?",
                values.toArray()));
  }

  /**
   * Changes what people wrote beside a run.
   *
   * @return the run as it is then; empty where there is none
   */
  public Future<Optional<Run>> describe(String id, JsonObject change) {
    return onWorker(
        db ->
            inTransaction(
                db,
                () -> {
                  Optional<Run> run =
                      select(db, "WHERE id = ?" + locking(), id).stream().findFirst();
                  if (run.isPresent()) {
                    RunLabels labels = run.get().labels().with(change);
                    update(
                        db,
                        "UPDATE runs SET name = ?, notes = ?, tags = ?, pinned = ? WHERE id = ?",
                        labels.name(),
                        labels.notes(),
                        new JsonArray(labels.tags()).encode(),
                        labels.pinned() ? 1 : 0,
                        id);
                  }
                  return select(db, "WHERE id = ?", id).stream().findFirst();
                }));
  }

  /**
   * Deletes a run with all of it.
   *
   * @return false where it has not ended
   */
  public Future<Boolean> purge(String id) {
    return onWorker(db -> inTransaction(db, () -> deleteEnded(db, "id = ?", id) == 1));
  }

  /**
   * Deletes runs that have ended and are not pinned.
   *
   * @param before those that ended before are deleted
   * @param newest so many of them are kept
   * @return how many were deleted
   */
  public Future<Integer> prune(Optional<Instant> before, OptionalInt newest) {
    return onWorker(
        db ->
            inTransaction(
                db,
                () -> {
                  int deleted = 0;
                  if (before.isPresent()) {
                    deleted +=
                        deleteEnded(
                            db, "pinned = 0 AND finished_at < ?", before.get().toEpochMilli());
                  }
                  if (newest.isPresent()) {
                    deleted +=
                        deleteEnded(
                            db,
                            "pinned = 0 AND sequence < (SELECT MIN(sequence) FROM (SELECT sequence"
                                + " FROM runs WHERE pinned = 0 AND "
                                + ENDED
                                + " ORDER BY sequence DESC LIMIT ?) AS newest)",
                            newest.getAsInt());
                  }
                  return deleted;
                }));
  }

  private static int deleteEnded(Connection db, String which, Object... values)
      throws SQLException {
    String condition = ENDED + " AND " + which;
    update(
        db,
        "DELETE FROM pair_scores WHERE run_id IN (SELECT id FROM runs WHERE " + condition + ")",
        values);
    return update(db, "DELETE FROM runs WHERE " + condition, values);
  }

  /** A done run with what it takes to compare it; empty where there is none of that id. */
  public Future<Optional<KeptRun>> kept(String id) {
    return onWorker(
        db -> {
          List<Run> runs = select(db, "WHERE id = ? AND status = 'done'", id);
          String sql = "SELECT csv_gz, passes FROM pair_scores WHERE run_id = ?";
          try (PreparedStatement statement = db.prepareStatement(sql)) {
            bind(statement, id);
            try (ResultSet row = statement.executeQuery()) {
              if (runs.isEmpty() || !row.next()) {
                return Optional.empty();
              }
              String passes = row.getString("passes");
              return Optional.of(
                  new KeptRun(
                      runs.get(0),
                      row.getBytes("csv_gz"),
                      passes == null ? null : new JsonArray(passes)));
            }
          }
        });
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
        "SELECT COALESCE(data_sha256, '') AS sha256, batch_size, protocol,"
            + " COUNT(*) AS runs FROM runs WHERE status = 'done' AND dataset = ?"
            + " GROUP BY COALESCE(data_sha256, ''), batch_size, protocol"
            + " ORDER BY MAX(sequence) DESC";
    List<Leaderboard.LeftOut> boards = new ArrayList<>();
    try (PreparedStatement statement = db.prepareStatement(sql)) {
      bind(statement, dataset);
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          boards.add(
              new Leaderboard.LeftOut(
                  new Leaderboard.Key(
                      row.getString("sha256"), row.getInt("batch_size"), row.getString("protocol")),
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
            + " AND protocol = ? GROUP BY pooler, engine) ORDER BY total DESC, sequence",
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
  private RunStore openFirst() throws IOException, SQLException {
    if (sqlite()) {
      NativeLibrary.load(
          "SQLite", Path.of(System.getProperty("java.io.tmpdir")), RunStore::loadSqlite);
    }
    connection();
    Schema.bringUpToDate(url);
    return this;
  }

  private static void loadSqlite() {
    try {
      SQLiteJDBCLoader.initialize();
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
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
            new Timing(
                row.getString("engine"),
                row.getString("protocol"),
                ALL.equals(row.getString("protocols"))),
            row.getLong("timeout_seconds")),
        new RunLabels(
            row.getString("name"),
            row.getString("notes"),
            RunLabels.tags(new JsonArray(row.getString("tags"))),
            row.getInt("pinned") == 1),
        report == null ? null : new JsonObject(report),
        row.getString("error"),
        row.getString("log"),
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

  /** PostgreSQL takes none in a text. */
  private static @Nullable String withoutNul(@Nullable String text) {
    return text == null ? null : text.replace('\0', ' ');
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
