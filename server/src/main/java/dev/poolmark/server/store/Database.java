package dev.poolmark.server.store;

import dev.poolmark.evaluator.files.NativeLibrary;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import io.vertx.core.net.HostAndPort;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.sqlite.SQLiteJDBCLoader;

/**
 * A database, SQLite or PostgreSQL by the JDBC URL. One connection on one worker thread: statements
 * never overlap, and the event loop never waits for the disk. A future that has succeeded is a
 * commit; one that fails with a {@link StoreOutage} may be tried again.
 */
public final class Database {

  private static final Logger LOG = LoggerFactory.getLogger(Database.class);
  private static final long PROBE_MILLIS = 500;
  private static final String SQLITE = "jdbc:sqlite:";
  private static final AtomicInteger COUNT = new AtomicInteger();

  private final Vertx vertx;
  private final String url;
  private final WorkerExecutor worker;
  private boolean available = true;

  // The worker's.
  private @Nullable Connection connection;
  private long outageUntil = System.nanoTime();

  private Database(Vertx vertx, String url) {
    this.vertx = vertx;
    this.url = url;
    // What is of one name shares its thread.
    this.worker = vertx.createSharedWorkerExecutor("store-" + COUNT.incrementAndGet(), 1);
  }

  /** Connects with a database whose tables are up to date. */
  public static Future<Database> connect(Vertx vertx, String url) {
    Database database = new Database(vertx, url);
    return database
        .worker
        .executeBlocking(
            () -> {
              loadNatives(url);
              return database.connection();
            })
        .map(database)
        .recover(
            failure ->
                database.close().transform(closed -> Future.failedFuture(notOpened(url, failure))));
  }

  /** Brings the tables up to date and does one thing, on a connection of its own. */
  public static <T> T once(String url, Work<T> work) throws IOException {
    loadNatives(url);
    try {
      Schema.bringUpToDate(url);
    } catch (SQLException | IllegalStateException e) {
      throw notOpened(url, e);
    }
    return look(url, work);
  }

  /** Does one thing where the tables are up to date, on a connection of its own. */
  public static <T> T look(String url, Work<T> work) throws IOException {
    try (Connection connection = open(url)) {
      return work.in(connection);
    } catch (SQLException e) {
      throw notOpened(url, e);
    }
  }

  /** This machine's address, as the database's machine sees it, or would. */
  public static String addressTowards(String url) throws SocketException {
    String authority = url.replaceFirst("^jdbc:postgresql:(//)?", "").split("[/?,]", 2)[0];
    HostAndPort server = HostAndPort.parseAuthority(authority, 5432);
    try (DatagramSocket socket = new DatagramSocket()) { // it sends nothing
      socket.connect(
          server == null || server.host().isEmpty()
              ? InetAddress.getLoopbackAddress()
              : InetAddress.getByName(server.host()),
          server == null ? 5432 : server.port());
      return socket.getLocalAddress().getHostAddress();
    } catch (UnknownHostException e) {
      return InetAddress.getLoopbackAddress().getHostAddress(); // to connect will tell
    }
  }

  /** SQLite's own library comes out of its jar: where that can't be, one line says why. */
  private static void loadNatives(String url) throws IOException {
    if (isSqlite(url)) {
      NativeLibrary.load(
          "SQLite", Path.of(System.getProperty("java.io.tmpdir")), Database::loadSqlite);
    }
  }

  private static void loadSqlite() {
    try {
      SQLiteJDBCLoader.initialize();
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  private static IOException notOpened(String url, Throwable failure) {
    if (failure instanceof IOException told) {
      return told;
    }
    return new IOException(
        String.format(
            Locale.ROOT,
            "%s: expected a database for the runs, found: %s",
            withoutSecrets(url),
            oneLine(failure)),
        failure);
  }

  /** What a message may say of a URL: not its user and password. */
  public static String withoutSecrets(String url) {
    return url.replaceFirst("[?].*", "").replaceFirst("^" + SQLITE, "");
  }

  public static boolean isSqlite(String url) {
    return url.startsWith(SQLITE);
  }

  /** What is after SELECT … of a row that nobody else changes before the transaction ends. */
  public String locking() {
    return isSqlite(url) ? "" : " FOR UPDATE";
  }

  /** The same, of rows that nobody else has locked; the others are passed over. */
  public String lockingFree() {
    return isSqlite(url) ? "" : " FOR UPDATE SKIP LOCKED";
  }

  /** Milliseconds since 1970 by the database's clock, which all its servers share. */
  public String now() {
    return now(url);
  }

  /** The same, of a database by its URL. */
  public static String now(String url) {
    return isSqlite(url)
        ? "CAST(unixepoch('subsec') * 1000 AS INTEGER)"
        : "CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT)";
  }

  /** Since when the database can be reached, in the same unit; where it doesn't say, for ever. */
  public String upSince() {
    return isSqlite(url)
        ? "0"
        : "CAST(EXTRACT(EPOCH FROM pg_postmaster_start_time()) * 1000 AS BIGINT)";
  }

  /** Whether the database was there when it was last asked. */
  public boolean available() {
    return available;
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

  /** What is done with a connection. */
  public interface Work<T> {
    T in(Connection connection) throws SQLException, IOException;
  }

  /** Does one thing after the other. */
  public <T> Future<T> ask(Work<T> work) {
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
            ask(Connection::getAutoCommit)
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

  /** The connection, or a new one where a database server has dropped it. */
  private Connection connection() throws SQLException {
    if (System.nanoTime() - outageUntil < 0) { // not every request is to wait for what was tried
      throw new StoreOutage("it was a moment ago", null, false);
    }
    if (connection == null || !connection.isValid(5)) {
      disconnect();
      connection = open(url);
      prepare(connection);
    }
    return connection;
  }

  static Connection open(String url) throws SQLException {
    return DriverManager.getConnection(url, patience(url));
  }

  /** How long a silent server is waited for, where the URL doesn't say. */
  private static Properties patience(String url) {
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
    if (isSqlite(url)) {
      try (Statement statement = db.createStatement()) {
        // A result that was announced survives a power cut, too.
        statement.execute("PRAGMA journal_mode = WAL");
        statement.execute("PRAGMA synchronous = FULL");
      }
    }
  }

  /** A part of {@link Work}. */
  public interface Part<T> {
    T run() throws SQLException, IOException;
  }

  public static <T> T inTransaction(Connection db, Part<T> work) throws SQLException, IOException {
    db.setAutoCommit(false);
    T result = work.run();
    db.commit();
    db.setAutoCommit(true);
    return result;
  }

  /** How a row is read. */
  public interface Reader<T> {
    T of(ResultSet row) throws SQLException;
  }

  /** All rows that a query, or a change that returns some, gives. */
  public static <T> List<T> rows(
      Connection db, Reader<T> reader, String sql, @Nullable Object... values) throws SQLException {
    try (PreparedStatement statement = db.prepareStatement(sql)) {
      bind(statement, values);
      List<T> found = new ArrayList<>();
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          found.add(reader.of(rows));
        }
      }
      return found;
    }
  }

  /** Returns how many rows were changed. */
  public static int update(Connection db, String sql, @Nullable Object... values)
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
}
