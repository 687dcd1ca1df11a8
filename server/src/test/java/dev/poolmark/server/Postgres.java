package dev.poolmark.server;

import static org.junit.jupiter.api.Assertions.fail;

import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;

/** A real PostgreSQL of the machine's own binaries, with a new database in a temporary folder. */
public final class Postgres implements AutoCloseable {

  private static final Path INSTALLED = Path.of("/usr/lib/postgresql");

  private final int port;
  private final Path bin;
  private final Path folder;

  private Postgres(int port, Path bin, Path folder) {
    this.port = port;
    this.bin = bin;
    this.folder = folder;
  }

  /** Starts one; without any, the test is skipped, but fails where CI is true. */
  public static Postgres start() throws IOException, InterruptedException {
    Optional<Path> bin = binaries();
    if (bin.isEmpty() && "true".equals(System.getenv("CI"))) {
      fail("CI needs PostgreSQL under " + INSTALLED);
    }
    Assumptions.assumeTrue(bin.isPresent(), "PostgreSQL is not installed");
    return start(bin.get());
  }

  private static Optional<Path> binaries() throws IOException {
    if (!Files.isDirectory(INSTALLED)) {
      return Optional.empty();
    }
    try (Stream<Path> versions = Files.list(INSTALLED)) {
      return versions
          .map(version -> version.resolve("bin"))
          .filter(bin -> Files.isExecutable(bin.resolve("initdb")))
          .max(Comparator.naturalOrder());
    }
  }

  private static Postgres start(Path bin) throws IOException, InterruptedException {
    // Not under the build's folder: the user that PostgreSQL runs as may not get there.
    Path folder = Files.createTempDirectory("poolmark-postgres-");
    int port;
    try (ServerSocket free = new ServerSocket(0)) {
      port = free.getLocalPort();
    }
    if (root()) {
      run(List.of("chown", "postgres", folder.toString()));
    }
    Postgres postgres = new Postgres(port, bin, folder);
    runAsUser(bin, "initdb", "-D", postgres.data(), "-U", "poolmark", "--auth=trust", "-N");
    postgres.comeBack();
    return postgres;
  }

  /** Starts it again. */
  void comeBack() throws IOException, InterruptedException {
    String options =
        "-p %d -c listen_addresses=127.0.0.1 -c unix_socket_directories=".formatted(port);
    runAsUser(bin, "pg_ctl", "-D", data(), "-o", options, "-l", folder + "/log", "-w", "start");
  }

  /** Ends it, and every connection to it, as a crash would. */
  void goAway() throws IOException, InterruptedException {
    runAsUser(bin, "pg_ctl", "-D", data(), "-m", "immediate", "stop");
  }

  private String data() {
    return folder.resolve("data").toString();
  }

  public String url() {
    return "jdbc:postgresql://127.0.0.1:%d/postgres?user=poolmark".formatted(port);
  }

  /** A new database of the same server; returns its URL. */
  String newDatabase(String name) throws SQLException {
    execute(url(), "CREATE DATABASE " + name);
    return "jdbc:postgresql://127.0.0.1:%d/%s?user=poolmark".formatted(port, name);
  }

  static void execute(String url, String sql) throws SQLException {
    try (Connection connection = DriverManager.getConnection(url);
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  @Override
  public void close() throws IOException, InterruptedException {
    goAway();
    run(List.of("rm", "-r", folder.toString()));
  }

  /** PostgreSQL refuses to run as root. */
  private static void runAsUser(Path bin, String program, String... arguments)
      throws IOException, InterruptedException {
    List<String> words = new ArrayList<>();
    if (root()) {
      words.addAll(List.of("runuser", "-u", "postgres", "--"));
    }
    words.add(bin.resolve(program).toString());
    words.addAll(Arrays.asList(arguments));
    run(words);
  }

  private static boolean root() {
    return System.getProperty("user.name").equals("root");
  }

  private static void run(List<String> words) throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(words)
            .directory(Path.of("/").toFile())
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    if (!process.waitFor(60, TimeUnit.SECONDS) || process.exitValue() != 0) {
      throw new IOException("this went wrong: " + String.join(" ", words));
    }
  }
}
