package dev.poolmark.server.run;

import static dev.poolmark.server.store.Database.inTransaction;
import static dev.poolmark.server.store.Database.rows;
import static dev.poolmark.server.store.Database.update;

import dev.poolmark.evaluator.worker.WorkerRequest.Timing;
import dev.poolmark.server.stock.Holdings;
import dev.poolmark.server.stock.Needs;
import dev.poolmark.server.store.Database;
import dev.poolmark.server.store.StoreOutage;
import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Collectors;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;

/**
 * The runs in a database, which several nodes may share. A future that has succeeded is a commit;
 * one that fails with a {@link StoreOutage} may be tried again.
 */
public final class RunStore {

  private static final String ENDED = "status IN ('done', 'failed', 'cancelled')";

  /** Of {@code protocols}, null where only one is timed. */
  private static final String ALL = "all";

  private static final String COLUMNS =
      "id, sequence, status, attempt, node, cancel_requested_at, pooler, dataset, batch_size,"
          + " engine, protocol, protocols, timeout_seconds, machine, data_sha256, pooler_sha256, name, notes, tags, pinned, progress,"
          + " report, error, log, created_at, started_at, finished_at";

  private final Database database;

  /** What the time is, as SQL asks the database. */
  private final String now;

  public RunStore(Database database) {
    this.database = database;
    this.now = database.now();
  }

  /** Whether the database was there when it was last asked. */
  public boolean available() {
    return database.available();
  }

  /**
   * A run that waits.
   *
   * @param position how many runs are before it
   * @param obstacle why no node can take it; null where one can
   */
  public record Waiting(Run run, long position, @Nullable String obstacle) {}

  /**
   * A new run at the end of the queue.
   *
   * @param by the node that was asked
   */
  Future<Waiting> insert(String id, RunRequest request, Needs needs, Claimant by) {
    return database.ask(
        db -> {
          String sql =
              "INSERT INTO runs (id, status, pooler, dataset, batch_size, engine, protocol,"
                  + " protocols, timeout_seconds, machine, data_sha256, pooler_sha256, created_at)"
                  + " VALUES (?, 'queued', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, "
                  + now
                  + ")";
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
              request.machine(),
              needs.dataSha256(),
              needs.poolerSha256());
          return waiting(db, select(db, "WHERE id = ?", id).get(0), by);
        });
  }

  /** How a run waits. */
  Future<Waiting> waiting(Run run, Claimant by) {
    return database.ask(db -> waiting(db, run, by));
  }

  private Waiting waiting(Connection db, Run run, Claimant by) throws SQLException {
    return new Waiting(run, position(db, run), obstacle(db, run, by));
  }

  private @Nullable String obstacle(Connection db, Run run, Claimant by) throws SQLException {
    Needs needs = by.shares() ? run.needs() : Needs.NOTHING;
    boolean anyLaneWillDo = run.request().machine() == null && needs.equals(Needs.NOTHING);
    return anyLaneWillDo
        ? null
        : Holdings.obstacle(
                db,
                now,
                run.request().machine(),
                needs,
                run.request().pooler(),
                run.request().dataset())
            .orElse(null);
  }

  private static long position(Connection db, Run run) throws SQLException {
    return count(db, "status = 'queued' AND sequence < ?", run.sequence());
  }

  /** How many runs wait. */
  public Future<Long> waitingCount() {
    return database.ask(db -> count(db, "status = 'queued'"));
  }

  private static long count(Connection db, String which, Object... values) throws SQLException {
    String sql = "SELECT COUNT(*) FROM runs WHERE " + which;
    return rows(db, row -> row.getLong(1), sql, values).get(0);
  }

  /**
   * A node takes the run that has waited longest of those that it can take and that nobody else is
   * just taking. Where this fails the run may be taken all the same: {@link #release} gives it
   * back.
   *
   * @return the run as it is then, with its next attempt; nothing where none waits
   */
  Future<Optional<Run>> claim(Claimant by) {
    String sql =
        "UPDATE runs SET status = 'running', attempt = attempt + 1, node = ?, lease = "
            + until(by)
            + ", progress = NULL, started_at = "
            + now
            + " WHERE sequence = (SELECT sequence FROM runs WHERE status = 'queued' AND "
            + Holdings.suits(now, by.shares())
            + " ORDER BY sequence LIMIT 1"
            + database.lockingFree()
            + ") AND "
            + mayBecome(RunStatus.RUNNING)
            + " RETURNING "
            + COLUMNS;
    List<String> values = new ArrayList<>(List.of(by.node()));
    values.addAll(Holdings.suitsValues(by.node(), by.machine(), by.shares()));
    return database.ask(db -> rows(db, RunStore::run, sql, values.toArray()).stream().findFirst());
  }

  private String until(Claimant by) {
    return by.lease().map(lease -> now + " + " + lease.toMillis()).orElse("NULL");
  }

  /**
   * A node keeps the runs that it is working on, and tells how far they are.
   *
   * @param progress of each, or null
   * @return those that are still its own; the others were given to somebody else, or have ended
   */
  Future<List<Run>> renew(Claimant by, Map<Run, Optional<JsonObject>> progress) {
    String sql =
        "UPDATE runs SET lease = "
            + until(by)
            + ", progress = ? WHERE id = ? AND attempt = ? AND node = ? AND status = 'running'"
            + " RETURNING "
            + COLUMNS;
    return database.ask(
        db -> {
          List<Run> own = new ArrayList<>();
          for (Map.Entry<Run, Optional<JsonObject>> told : progress.entrySet()) {
            Run run = told.getKey();
            String text = told.getValue().map(JsonObject::encode).orElse(null);
            own.addAll(rows(db, RunStore::run, sql, text, run.id(), run.attempt(), run.node()));
          }
          return own;
        });
  }

  /**
   * Queues again what nodes have that no longer renew their leases. While the database itself was
   * away nobody could.
   *
   * @return how many runs wait again
   */
  Future<Integer> expire(Claimant by) {
    long lease = by.lease().orElseThrow().toMillis();
    String which = "AND lease < " + now + " AND " + database.upSince() + " + ? < " + now;
    return database.ask(db -> takeFromLanes(db, which, lease));
  }

  private static boolean goesOn(Run run, Run attempt) {
    return run.status() == RunStatus.RUNNING
        && run.attempt() == attempt.attempt()
        && Objects.equals(run.node(), attempt.node());
  }

  /**
   * Keeps how an attempt ended, its report and pair scores, in one transaction. Where somebody had
   * asked for a cancel, the run ends as cancelled.
   *
   * @param attempt the run as it was claimed
   * @return the run as it is then: as it was before where the attempt had been taken from its lane
   */
  Future<Run> finish(Run attempt, RunOutcome outcome) {
    return database.ask(
        db ->
            inTransaction(
                db,
                () -> {
                  Run run = lock(db, attempt.id());
                  if (goesOn(run, attempt)) {
                    writeOutcome(db, run, run.cancelRequested() ? RunOutcome.cancelled() : outcome);
                  }
                  return select(db, "WHERE id = ?", attempt.id()).get(0);
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
    return database.ask(
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
                        "UPDATE runs SET cancel_requested_at = "
                            + now
                            + " WHERE id = ? AND status = 'running'"
                            + " AND cancel_requested_at IS NULL",
                        id);
                  }
                  return new Cancel(!run.status().ended(), select(db, "WHERE id = ?", id).get(0));
                }));
  }

  /** The run, which nobody else changes before the transaction ends. */
  private Run lock(Connection db, String id) throws SQLException {
    return select(db, "WHERE id = ?" + database.locking(), id).get(0);
  }

  /** The condition of each change of a status, as {@link RunStatus} has them. */
  private static String mayBecome(RunStatus next) {
    return next.before().stream()
        .map(status -> "'" + status.text() + "'")
        .collect(Collectors.joining(", ", "status IN (", ")"));
  }

  private void writeOutcome(Connection db, Run run, RunOutcome outcome)
      throws SQLException, IOException {
    String id = run.id();
    update(
        db,
        "UPDATE runs SET status = ?, report = ?, error = ?, log = ?, total = ?,"
            + " data_sha256 = COALESCE(?, data_sha256), measured_on = ?, lease = NULL, progress = NULL, finished_at = "
            + now
            + " WHERE id = ? AND attempt = ? AND "
            + mayBecome(outcome.status()),
        outcome.status().text(),
        outcome.report() == null ? null : outcome.report().encode(),
        withoutNul(outcome.error()),
        withoutNul(outcome.log()),
        total(outcome.report()),
        dataSha256(outcome.report()),
        measuredOn(outcome.report()),
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
  Future<Void> requeue(Run attempt) {
    return database
        .ask(
            db ->
                takeFromLanes(
                    db,
                    "AND id = ? AND attempt = ? AND node = ?",
                    attempt.id(),
                    attempt.attempt(),
                    attempt.node()))
        .mapEmpty();
  }

  /**
   * Gives back what a node has claimed and never heard of.
   *
   * @param known what it is working on
   */
  Future<Void> release(Claimant by, Collection<Run> known) {
    List<@Nullable Object> values = new ArrayList<>(List.of(by.node()));
    known.forEach(run -> values.add(run.id()));
    String others = known.isEmpty() ? "" : " AND id NOT IN (" + marks(known.size()) + ")";
    return database
        .ask(db -> takeFromLanes(db, "AND node = ?" + others, values.toArray()))
        .mapEmpty();
  }

  private static String marks(int count) {
    return String.join(", ", Collections.nCopies(count, "?"));
  }

  /**
   * What is running waits again, or ends where somebody had asked for that.
   *
   * @return how many wait again
   */
  private int takeFromLanes(Connection db, String which, @Nullable Object... values)
      throws SQLException {
    update(
        db,
        "UPDATE runs SET status = 'cancelled', lease = NULL, progress = NULL, finished_at = "
            + now
            + " WHERE status = 'running' AND cancel_requested_at IS NOT NULL "
            + which,
        values);
    return update(
        db,
        "UPDATE runs SET status = 'queued', node = NULL, lease = NULL, progress = NULL,"
            + " started_at = NULL WHERE status = 'running' "
            + which,
        values);
  }

  /** Takes back a run of which it is not known whether it was inserted. */
  public Future<Void> delete(String id) {
    return database
        .ask(
            db ->
                update(
                    db, "DELETE FROM runs WHERE id = ? AND attempt = 0 AND status = 'queued'", id))
        .mapEmpty();
  }

  /**
   * What a node left running when it ended waits again. What has no lease is of a node that served
   * the database alone, and is no more.
   */
  Future<Void> recover(Claimant by) {
    String which = by.lease().isPresent() ? "AND (node = ? OR lease IS NULL)" : "";
    Object[] values = by.lease().isPresent() ? new Object[] {by.node()} : new Object[0];
    return database.ask(db -> takeFromLanes(db, which, values)).mapEmpty();
  }

  /** How runs stand that somebody watches, by their ids. */
  Future<List<Waiting>> look(Collection<String> ids, Claimant by) {
    String sql =
        "SELECT "
            + COLUMNS
            + ", place FROM runs LEFT JOIN (SELECT sequence AS waiting,"
            + " ROW_NUMBER() OVER (ORDER BY sequence) - 1 AS place FROM runs"
            + " WHERE status = 'queued') AS line ON waiting = sequence WHERE id IN ("
            + marks(ids.size())
            + ")";
    return database.ask(
        db -> {
          List<Waiting> found = new ArrayList<>();
          for (Waiting one :
              rows(
                  db,
                  row -> new Waiting(run(row), row.getLong("place"), null),
                  sql,
                  ids.toArray())) {
            found.add(
                one.run().status() == RunStatus.QUEUED
                    ? new Waiting(one.run(), one.position(), obstacle(db, one.run(), by))
                    : one);
          }
          return found;
        });
  }

  public Future<Optional<Run>> find(String id) {
    return database.ask(db -> select(db, "WHERE id = ?", id).stream().findFirst());
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
    return database.ask(
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
    return database.ask(
        db ->
            inTransaction(
                db,
                () -> {
                  Optional<Run> run =
                      select(db, "WHERE id = ?" + database.locking(), id).stream().findFirst();
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
    return database.ask(db -> inTransaction(db, () -> deleteEnded(db, "id = ?", id) == 1));
  }

  /**
   * Deletes runs that have ended and are not pinned.
   *
   * @param before those that ended before are deleted
   * @param newest so many of them are kept
   * @return how many were deleted
   */
  public Future<Integer> prune(Optional<Instant> before, OptionalInt newest) {
    return database.ask(
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
    return database.ask(
        db -> {
          List<Run> runs = select(db, "WHERE id = ? AND status = 'done'", id);
          String sql = "SELECT csv_gz, passes FROM pair_scores WHERE run_id = ?";
          return rows(
                  db,
                  row -> {
                    String passes = row.getString("passes");
                    return new KeptRun(
                        runs.get(0),
                        row.getBytes("csv_gz"),
                        passes == null ? null : new JsonArray(passes));
                  },
                  sql,
                  runs.isEmpty() ? "" : id)
              .stream()
              .findFirst();
        });
  }

  /** The board that is wanted. */
  public Future<Leaderboard> leaderboard(Leaderboard.Wanted wanted) {
    return database.ask(
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
            + " COALESCE(measured_on, '') AS machine, COUNT(*) AS runs FROM runs"
            + " WHERE status = 'done' AND dataset = ?"
            + " GROUP BY COALESCE(data_sha256, ''), batch_size, protocol, COALESCE(measured_on, '')"
            + " ORDER BY MAX(sequence) DESC";
    return rows(
        db,
        row ->
            new Leaderboard.LeftOut(
                new Leaderboard.Key(
                    row.getString("sha256"),
                    row.getInt("batch_size"),
                    row.getString("protocol"),
                    row.getString("machine")),
                row.getInt("runs")),
        sql,
        dataset);
  }

  private static List<Run> best(Connection db, String dataset, Leaderboard.Key key)
      throws SQLException {
    return select(
        db,
        "WHERE sequence IN (SELECT MAX(sequence) FROM runs WHERE status = 'done' AND dataset = ?"
            + " AND COALESCE(data_sha256, '') = ? AND batch_size = ?"
            + " AND protocol = ? AND COALESCE(measured_on, '') = ? GROUP BY pooler, engine)"
            + " ORDER BY total DESC, sequence",
        dataset,
        key.sha256(),
        key.batchSize(),
        key.protocol(),
        key.machine());
  }

  /** The gzipped CSV of a run's pairs. */
  public Future<Optional<byte[]>> pairScores(String id) {
    return database.ask(
        db -> {
          String sql = "SELECT csv_gz FROM pair_scores WHERE run_id = ?";
          return rows(db, row -> row.getBytes(1), sql, id).stream().findFirst();
        });
  }

  private static List<Run> select(Connection db, String where, Object... values)
      throws SQLException {
    return rows(db, RunStore::run, "SELECT " + COLUMNS + " FROM runs " + where, values);
  }

  private static Run run(ResultSet row) throws SQLException {
    String report = row.getString("report");
    String progress = row.getString("progress");
    return new Run(
        row.getString("id"),
        row.getLong("sequence"),
        RunStatus.of(row.getString("status")),
        row.getInt("attempt"),
        row.getString("node"),
        row.getObject("cancel_requested_at") != null,
        new RunRequest(
            row.getString("pooler"),
            row.getString("dataset"),
            row.getInt("batch_size"),
            new Timing(
                row.getString("engine"),
                row.getString("protocol"),
                ALL.equals(row.getString("protocols"))),
            row.getLong("timeout_seconds"),
            row.getString("machine")),
        new Needs(row.getString("data_sha256"), row.getString("pooler_sha256")),
        new RunLabels(
            row.getString("name"),
            row.getString("notes"),
            RunLabels.tags(new JsonArray(row.getString("tags"))),
            row.getInt("pinned") == 1),
        progress == null ? null : new JsonObject(progress),
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

  private static @Nullable Double total(@Nullable JsonObject report) {
    JsonObject total = report == null ? null : report.getJsonObject("total");
    return total == null ? null : total.getDouble("score");
  }

  private static @Nullable String dataSha256(@Nullable JsonObject report) {
    JsonObject dataset = report == null ? null : report.getJsonObject("dataset");
    return dataset == null ? null : dataset.getString("sha256");
  }

  private static @Nullable String measuredOn(@Nullable JsonObject report) {
    JsonObject where = report == null ? null : report.getJsonObject("environment");
    return where == null ? null : where.getString("machine", where.getString("cpu"));
  }

  /** PostgreSQL takes none in a text. */
  private static @Nullable String withoutNul(@Nullable String text) {
    return text == null ? null : text.replace('\0', ' ');
  }

  /** Of a file that a pooler's process left: a link may lead to what that may not read. */
  private static byte[] gzip(Path file) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (InputStream in = Files.newInputStream(file, LinkOption.NOFOLLOW_LINKS);
        GZIPOutputStream gzip = new GZIPOutputStream(bytes)) {
      in.transferTo(gzip);
    }
    return bytes.toByteArray();
  }
}
