package dev.poolmark.server;

import dev.poolmark.server.run.Retention;
import dev.poolmark.server.text.EncoderOptions;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * How a server is to be.
 *
 * @param port 0 for any that is free
 * @param token what requests must show; needed on any host but a loopback one
 * @param tls what it serves HTTPS by; HTTP in clear text where absent
 * @param accessLog whether each request is logged
 * @param home where the database and the caches are
 * @param database a JDBC URL; SQLite in the home where absent
 * @param cluster whether it shares the database with other servers
 * @param node its name among them; one after the machine where absent
 * @param clusterConfig Hazelcast's own file; where absent, nodes find each other in the database
 * @param dataRoot whose folders are data sets
 * @param models whose entries can be named as {@code models/NAME}
 * @param plugins folders of plugins beside the distribution's own
 * @param lanes how many runs go on at once
 * @param pinCores the cores that lanes are pinned to, in turn; none where empty
 * @param laneMemoryBytes what a lane may take
 * @param workerUser the user of the system that runs poolers; the server's own where absent
 * @param maxQueued how many runs may wait
 * @param maxConnections how many clients may be connected
 * @param maxBodyBytes the largest body of token embeddings
 * @param runTimeout how long a run may take that doesn't say
 * @param drain how long running runs may still take when the server is asked to end
 * @param retention how long runs are kept
 * @param text how texts are encoded
 */
public record ServerOptions(
    String host,
    int port,
    Optional<String> token,
    Optional<TlsFiles> tls,
    boolean accessLog,
    Path home,
    Optional<String> database,
    boolean cluster,
    Optional<String> node,
    Optional<Path> clusterConfig,
    Optional<Path> dataRoot,
    Path models,
    List<Path> plugins,
    int lanes,
    List<Integer> pinCores,
    long laneMemoryBytes,
    Optional<String> workerUser,
    int maxQueued,
    int maxConnections,
    long maxBodyBytes,
    Duration runTimeout,
    Duration drain,
    Retention retention,
    EncoderOptions text) {

  /** A day, as the contract has it for the time of one run. */
  private static final long MAX_SECONDS = 86_400;

  public ServerOptions {
    plugins = List.copyOf(plugins);
    pinCores = List.copyOf(pinCores);
    int cores = Runtime.getRuntime().availableProcessors();
    int most = Math.max(1, cores - 1);
    check(lanes >= 1 && lanes <= most, "--lanes: expected 1 to %d, found %d", most, lanes);
    check(port >= 0 && port < 65536, "--port: expected 0 to 65535, found %d", port);
    check(maxQueued >= 1, "--max-queued: expected at least 1, found %d", maxQueued);
    check(maxConnections >= 1, "--max-connections: expected at least 1, found %d", maxConnections);
    check(maxBodyBytes >= 1, "--max-body: expected at least 1, found %d", maxBodyBytes >> 20);
    check(
        laneMemoryBytes >= 1,
        "--lane-memory: expected at least 1, found %d",
        laneMemoryBytes >> 20);
    check(
        runTimeout.toSeconds() >= 1 && runTimeout.toSeconds() <= MAX_SECONDS,
        "--run-timeout: expected 1 to %d, found %d",
        MAX_SECONDS,
        runTimeout.toSeconds());
    check(
        drain.toSeconds() >= 0 && drain.toSeconds() <= MAX_SECONDS,
        "--drain: expected 0 to %d, found %d",
        MAX_SECONDS,
        drain.toSeconds());
    check(
        database.isEmpty() || !database.get().isBlank(),
        "--database: expected a JDBC URL, found none; without the option, runs are in the home");
    check(
        node.isEmpty() || node.get().matches("[A-Za-z0-9._-]{1,64}"),
        "--node: expected 1 to 64 letters, digits, '.', '_' and '-', found '%s'",
        node.orElse(""));
    check(
        cluster || clusterConfig.isEmpty(),
        "--cluster-config: expected --cluster with it, found none");
    check(token.isEmpty() || !token.get().isBlank(), "--token: expected some text, found none");
    check(
        token.isPresent()
            || host.equals("localhost")
            || host.startsWith("127.")
            || host.equals("::1"),
        "--host %s: expected a --token for a host that others can reach, found none",
        host);
    dataRoot.ifPresent(root -> checkFolder("--data-root", root));
    plugins.forEach(folder -> checkFolder("--plugins", folder));
    for (int core : pinCores) {
      check(core >= 0 && core < cores, "--pin-cores: expected 0 to %d, found %d", cores - 1, core);
    }
  }

  /** The core of a lane, or -1. */
  int core(int lane) {
    return pinCores.isEmpty() ? -1 : pinCores.get(lane % pinCores.size());
  }

  String jdbcUrl() {
    return database.orElse("jdbc:sqlite:" + Home.database(home));
  }

  private static void checkFolder(String option, Path folder) {
    check(Files.isDirectory(folder), "%s %s: expected a folder, found none", option, folder);
  }

  private static void check(boolean good, String message, Object... found) {
    if (!good) {
      throw new IllegalArgumentException(String.format(Locale.ROOT, message, found));
    }
  }
}
