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
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;

/** A real PostgreSQL of the machine's own binaries, with a new database in a temporary folder. */
public final class Postgres implements AutoCloseable {

  private static final Path INSTALLED = Path.of("/usr/lib/postgresql");

  /** Where Debian's package faketime has it. */
  private static final List<Path> FAKE_TIME =
      List.of(
          Path.of("/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1"),
          Path.of("/usr/lib/aarch64-linux-gnu/faketime/libfaketime.so.1"));

  private final int port;
  private final Path bin;
  private final Path folder;
  private final Duration ahead;
  private final Map<String, String> clock;

  private Postgres(int port, Path bin, Path folder, Duration ahead, Map<String, String> clock) {
    this.port = port;
    this.bin = bin;
    this.folder = folder;
    this.ahead = ahead;
    this.clock = clock;
  }

  /** Starts one; without any, the test is skipped, but fails where CI is true. */
  public static Postgres start() throws IOException, InterruptedException {
    return start(Duration.ZERO, Map.of());
  }

  /** The same, with a clock that is an hour ahead where libfaketime is installed. */
  static Postgres startWithClockAhead() throws IOException, InterruptedException {
    Optional<Path> library = FAKE_TIME.stream().filter(Files::exists).findFirst();
    if (library.isEmpty()) {
      if ("true".equals(System.getenv("CI"))) {
        fail("CI needs libfaketime, one of " + FAKE_TIME);
      }
      return start();
    }
    return start(
        Duration.ofHours(1),
        Map.of(
            "LD_PRELOAD", library.get().toString(),
            "FAKETIME", "+1h",
            "FAKETIME_DONT_FAKE_MONOTONIC", "1"));
  }

  private static Postgres start(Duration ahead, Map<String, String> clock)
      throws IOException, InterruptedException {
    Optional<Path> bin = binaries();
    if (bin.isEmpty() && "true".equals(System.getenv("CI"))) {
      fail("CI needs PostgreSQL under " + INSTALLED);
    }
    Assumptions.assumeTrue(bin.isPresent(), "PostgreSQL is not installed");
    return start(bin.get(), ahead, clock);
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

  private static Postgres start(Path bin, Duration ahead, Map<String, String> clock)
      throws IOException, InterruptedException {
    // Not under the build's folder: the user that PostgreSQL runs as may not get there.
    Path folder = Files.createTempDirectory("poolmark-postgres-");
    int port;
    try (ServerSocket free = new ServerSocket(0)) {
      port = free.getLocalPort();
    }
    if (root()) {
      run(List.of("chown", "postgres", folder.toString()), Map.of());
    }
    Postgres postgres = new Postgres(port, bin, folder, ahead, clock);
    postgres.runAsUser("initdb", "-D", postgres.data(), "-U", "poolmark", "--auth=trust", "-N");
    postgres.comeBack();
    return postgres;
  }

  /** Starts it again. */
  void comeBack() throws IOException, InterruptedException {
    String options =
        "-p %d -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c max_connections=200"
            .formatted(port);
    runAsUser("pg_ctl", "-D", data(), "-o", options, "-l", folder + "/log", "-w", "start");
  }

  /** Ends it, and every connection to it, as a crash would. */
  void goAway() throws IOException, InterruptedException {
    runAsUser("pg_ctl", "-D", data(), "-m", "immediate", "stop");
  }

  private String data() {
    return folder.resolve("data").toString();
  }

  public String url() {
    return "jdbc:postgresql://127.0.0.1:%d/postgres?user=poolmark".formatted(port);
  }

  /** How far its clock is before this machine's. */
  Duration ahead() {
    return ahead;
  }

  /** How long its processes that are there have used a core. */
  Duration cpu() throws IOException {
    long server = Long.parseLong(Files.readAllLines(Path.of(data(), "postmaster.pid")).get(0));
    return ProcessHandle.allProcesses()
        .filter(process -> isOf(process, server))
        .flatMap(process -> process.info().totalCpuDuration().stream())
        .reduce(Duration.ZERO, Duration::plus);
  }

  private static boolean isOf(ProcessHandle process, long server) {
    return process.pid() == server
        || process.parent().filter(parent -> parent.pid() == server).isPresent();
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
    run(List.of("rm", "-r", folder.toString()), Map.of());
  }

  /** PostgreSQL refuses to run as root. */
  private void runAsUser(String program, String... arguments)
      throws IOException, InterruptedException {
    List<String> words = new ArrayList<>();
    if (root()) {
      words.addAll(List.of("runuser", "-u", "postgres", "--"));
    }
    words.add(bin.resolve(program).toString());
    words.addAll(Arrays.asList(arguments));
    run(words, clock);
  }

  private static boolean root() {
    return System.getProperty("user.name").equals("root");
  }

  private static void run(List<String> words, Map<String, String> environment)
      throws IOException, InterruptedException {
    ProcessBuilder builder =
        new ProcessBuilder(words)
            .directory(Path.of("/").toFile())
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD);
    builder.environment().putAll(environment);
    Process process = builder.start();
    if (!process.waitFor(60, TimeUnit.SECONDS) || process.exitValue() != 0) {
      throw new IOException("this went wrong: " + String.join(" ", words));
    }
  }
}
