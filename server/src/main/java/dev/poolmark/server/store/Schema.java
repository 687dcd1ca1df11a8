package dev.poolmark.server.store;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.MigrationInfo;
import org.flywaydb.core.api.MigrationInfoService;

/**
 * The tables of the runs. The scripts in {@code schema} lead from each version to the next; a
 * script that was released is never changed. What SQLite and PostgreSQL spell differently, the
 * scripts name: {@code ${sequence}}, a key that counts up, {@code ${bytes}}, and what a report
 * says.
 */
final class Schema {

  private static final Map<String, String> SQLITE =
      Map.of(
          "sequence", "INTEGER PRIMARY KEY AUTOINCREMENT",
          "bytes", "BLOB",
          "sha256_of_report", "json_extract(report, '$.dataset.sha256')",
          "protocol_of_report", "json_extract(report, '$.time.protocol')",
          "machine_of_report",
              "COALESCE(json_extract(report, '$.environment.machine'),"
                  + " json_extract(report, '$.environment.cpu'))");

  private static final Map<String, String> POSTGRESQL =
      Map.of(
          "sequence", "BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY",
          "bytes", "BYTEA",
          "sha256_of_report", "CAST(report AS json) -> 'dataset' ->> 'sha256'",
          "protocol_of_report", "CAST(report AS json) -> 'time' ->> 'protocol'",
          "machine_of_report",
              "COALESCE(CAST(report AS json) -> 'environment' ->> 'machine',"
                  + " CAST(report AS json) -> 'environment' ->> 'cpu')");

  private static final String VERSIONS = "poolmark_schema";

  /** A number that nobody else locks by. */
  private static final long LOCK = 0x706f6f6c6d61726bL;

  private Schema() {}

  /**
   * Brings a database to the version that this server knows. One without a version, empty or of a
   * server that kept none, is taken as version 0.
   *
   * @throws IllegalStateException where the database is newer than this server, or something
   *     else's, or a script failed
   */
  static void bringUpToDate(String url) throws SQLException {
    try (Connection db = Database.open(url)) {
      if (!Database.isSqlite(url)) {
        oneAfterTheOther(db);
      }
      refuseForeign(db);
      migrate(url);
    }
  }

  /** Servers that start at once: the lock ends with the connection. */
  private static void oneAfterTheOther(Connection db) throws SQLException {
    try (Statement statement = db.createStatement()) {
      statement.execute("SELECT pg_advisory_lock(" + LOCK + ")");
    }
  }

  private static void migrate(String url) throws SQLException {
    Flyway flyway =
        Flyway.configure(Schema.class.getClassLoader())
            .dataSource(url, null, null)
            .locations("classpath:dev/poolmark/server/run/schema")
            .placeholders(url.startsWith("jdbc:sqlite:") ? SQLITE : POSTGRESQL)
            .table(VERSIONS)
            .baselineOnMigrate(true)
            .baselineVersion("0")
            .failOnMissingLocations(true)
            .validateMigrationNaming(true)
            .loggers("slf4j")
            .load();
    try {
      refuseNewer(flyway.info());
      flyway.migrate();
    } catch (FlywayException e) {
      if (e.getCause() instanceof SQLException told) {
        throw told;
      }
      throw new IllegalStateException(
          "tables that this Poolmark can't bring up to date: "
              + String.valueOf(e.getMessage()).strip().replaceAll("\\s+", " "),
          e);
    }
  }

  /** A database of something else is left as it is. */
  private static void refuseForeign(Connection db) throws SQLException {
    Set<String> tables = new TreeSet<>();
    try (ResultSet rows =
        db.getMetaData().getTables(null, db.getSchema(), "%", new String[] {"TABLE"})) {
      while (rows.next()) {
        tables.add(rows.getString("TABLE_NAME"));
      }
    }
    if (!tables.isEmpty() && !tables.contains(VERSIONS) && !tables.contains("pair_scores")) {
      throw new IllegalStateException("tables of something else: " + String.join(", ", tables));
    }
  }

  private static void refuseNewer(MigrationInfoService schema) {
    MigrationInfo current = schema.current();
    if (current != null && !current.getState().isResolved()) {
      String known =
          Arrays.stream(schema.all())
              .filter(version -> version.getState().isResolved())
              .map(version -> version.getVersion().getVersion())
              .reduce("0", (before, version) -> version);
      throw new IllegalStateException(
          String.format(
              Locale.ROOT,
              "schema version %s, which a newer Poolmark made; this one knows version %s",
              current.getVersion(),
              known));
    }
  }
}
