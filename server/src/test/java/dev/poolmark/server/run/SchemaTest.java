package dev.poolmark.server.run;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.poolmark.evaluator.worker.WorkerRequest.Timing;
import dev.poolmark.server.Postgres;
import dev.poolmark.server.stock.Needs;
import dev.poolmark.server.store.Database;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;

/** Databases of other versions of Poolmark. */
class SchemaTest {

  private static final Vertx VERTX = Vertx.vertx();
  private static final Claimant NODE = new Claimant("here", "a machine", Optional.empty());
  private static final byte[] PAIRS = {31, -117, 8, 0};

  @AfterAll
  static void end() throws Exception {
    ended(VERTX.close());
  }

  /** The tests that every database passes. */
  abstract static class AnyDatabase {

    /** A new database with nothing in it. */
    abstract String empty() throws Exception;

    /** What the servers before the first version executed, word for word. */
    abstract List<String> tablesWithoutVersion();

    @Test
    void runsOfADatabaseWithoutAVersionAreKept() throws Exception {
      String url = empty();
      fill(url);
      try (Opened opened = opened(url)) {
        RunStore store = opened.runs();
        Claimant node = NODE;
        ended(store.recover(node));
        assertEquals(1, ended(store.waitingCount()));
        Run unfinished = ended(store.claim(node)).orElseThrow();
        assertEquals("00000000000000aa", unfinished.id());
        Run done = ended(store.find("00000000000000bb")).orElseThrow();
        assertEquals(RunStatus.DONE, done.status());
        assertEquals(2, done.sequence());
        assertEquals("mean", done.request().pooler());
        assertEquals("sts", done.request().dataset());
        assertEquals(64, done.request().batchSize());
        assertEquals(3600, done.request().timeoutSeconds());
        assertEquals(new Timing("java", "hot", false), done.request().timing());
        assertEquals(Timing.DEFAULT, unfinished.request().timing());
        assertEquals(new RunLabels(null, null, List.of(), false), done.labels());
        assertEquals(88.5, done.report().getJsonObject("total").getDouble("score"));
        assertEquals(Instant.ofEpochMilli(1_700_000_000_002L), done.createdAt());
        assertArrayEquals(PAIRS, ended(store.pairScores(done.id())).orElseThrow());
        assertEquals(
            "it broke", ended(store.find("00000000000000cc")).map(Run::error).orElseThrow());
        Run next =
            ended(
                    store.insert(
                        "00000000000000dd",
                        new RunRequest("sum", "sts", 8, Timing.DEFAULT, 60, null),
                        Needs.NOTHING,
                        NODE))
                .run();
        assertTrue(next.sequence() > 3, "a new run comes after those that were there");
      }
    }

    @Test
    void anEmptyDatabaseAndOneThatWasOpenedBeforeAreTheSame() throws Exception {
      String url = empty();
      try (Opened first = opened(url)) {
        ended(
            first
                .runs()
                .insert(
                    "00000000000000aa",
                    new RunRequest("mean", "sts", 64, Timing.DEFAULT, 60, null),
                    Needs.NOTHING,
                    NODE));
      }
      try (Opened again = opened(url)) {
        assertEquals(1, ended(again.runs().waitingCount()));
      }
    }

    @Test
    void aDatabaseThatANewerPoolmarkMadeIsRefusedInOneLine() throws Exception {
      String url = empty();
      opened(url).close();
      execute(
          url,
          "INSERT INTO poolmark_schema (installed_rank, version, description, type, script,"
              + " checksum, installed_by, execution_time, success) VALUES (900, '900', 'later',"
              + " 'SQL', 'V900__later.sql', 1, 'somebody', 1, TRUE)");
      IOException refusal = assertThrows(IOException.class, () -> opened(url));
      assertTrue(
          refusal
              .getMessage()
              .matches(
                  ".*: expected a database for the runs, found: schema version 900, which a newer"
                      + " Poolmark made; this one knows version [0-9]+"),
          refusal.getMessage());
    }

    private void fill(String url) throws SQLException {
      execute(url, tablesWithoutVersion().toArray(String[]::new));
      String insert =
          "INSERT INTO runs (id, status, pooler, dataset, batch_size, timeout_seconds, report,"
              + " error, total, created_at, started_at, finished_at) VALUES ";
      execute(
          url,
          insert
              + "('00000000000000aa', 'running', 'sum', 'sts', 64, 3600, NULL, NULL, NULL,"
              + " 1700000000001, 1700000000005, NULL)",
          insert
              + "('00000000000000bb', 'done', 'mean', 'sts', 64, 3600, '"
              + new JsonObject().put("total", new JsonObject().put("score", 88.5)).encode()
              + "', NULL, 88.5, 1700000000002, 1700000000006, 1700000000007)",
          insert
              + "('00000000000000cc', 'failed', 'odd', 'sts', 64, 3600, NULL, 'it broke', NULL,"
              + " 1700000000003, 1700000000008, 1700000000009)");
      try (Connection database = DriverManager.getConnection(url);
          PreparedStatement pairs =
              database.prepareStatement("INSERT INTO pair_scores (run_id, csv_gz) VALUES (?, ?)")) {
        pairs.setString(1, "00000000000000bb");
        pairs.setBytes(2, PAIRS);
        pairs.executeUpdate();
      }
    }
  }

  @Nested
  class OnSqlite extends AnyDatabase {

    @TempDir Path folder;

    @Override
    String empty() {
      return "jdbc:sqlite:" + folder.resolve("runs.db");
    }

    @Override
    List<String> tablesWithoutVersion() {
      return List.of(
          "CREATE TABLE IF NOT EXISTS runs (sequence INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT"
              + " NULL UNIQUE, status TEXT NOT NULL, pooler TEXT NOT NULL, dataset TEXT NOT NULL,"
              + " batch_size INTEGER NOT NULL, timeout_seconds BIGINT NOT NULL, report TEXT, error"
              + " TEXT, total DOUBLE PRECISION, created_at BIGINT NOT NULL, started_at BIGINT,"
              + " finished_at BIGINT)",
          "CREATE INDEX IF NOT EXISTS runs_by_status ON runs (status, dataset)",
          "CREATE TABLE IF NOT EXISTS pair_scores (run_id TEXT PRIMARY KEY, csv_gz BLOB NOT NULL)");
    }
  }

  @Nested
  @TestInstance(Lifecycle.PER_CLASS)
  class OnPostgresql extends AnyDatabase {

    private Postgres postgres;

    @BeforeAll
    void begin() throws Exception {
      postgres = Postgres.start();
    }

    @AfterAll
    void stop() throws Exception {
      if (postgres != null) {
        postgres.close();
      }
    }

    @Override
    String empty() throws SQLException {
      execute(postgres.url(), "DROP SCHEMA public CASCADE", "CREATE SCHEMA public");
      return postgres.url();
    }

    @Override
    List<String> tablesWithoutVersion() {
      return List.of(
          "CREATE TABLE IF NOT EXISTS runs (sequence BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY"
              + " KEY, id TEXT NOT NULL UNIQUE, status TEXT NOT NULL, pooler TEXT NOT NULL, dataset"
              + " TEXT NOT NULL, batch_size INTEGER NOT NULL, timeout_seconds BIGINT NOT NULL,"
              + " report TEXT, error TEXT, total DOUBLE PRECISION, created_at BIGINT NOT NULL,"
              + " started_at BIGINT, finished_at BIGINT)",
          "CREATE INDEX IF NOT EXISTS runs_by_status ON runs (status, dataset)",
          "CREATE TABLE IF NOT EXISTS pair_scores (run_id TEXT PRIMARY KEY, csv_gz BYTEA NOT"
              + " NULL)");
    }
  }

  private record Opened(Database database, RunStore runs) implements AutoCloseable {
    @Override
    public void close() throws Exception {
      ended(database.close());
    }
  }

  private static Opened opened(String url) throws Exception {
    Database.once(url, Connection::isReadOnly);
    Database database = ended(Database.connect(VERTX, url));
    return new Opened(database, new RunStore(database));
  }

  private static void execute(String url, String... statements) throws SQLException {
    try (Connection database = DriverManager.getConnection(url);
        Statement statement = database.createStatement()) {
      for (String sql : statements) {
        statement.execute(sql);
      }
    }
  }

  private static <T> T ended(Future<T> future) throws Exception {
    return future.await(60, TimeUnit.SECONDS);
  }
}
