package dev.poolmark.server.cluster;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.hazelcast.cluster.Member;
import com.hazelcast.config.Config;
import com.hazelcast.config.DiscoveryStrategyConfig;
import com.hazelcast.config.JavaSerializationFilterConfig;
import com.hazelcast.config.JoinConfig;
import com.hazelcast.config.MultiMapConfig;
import com.hazelcast.config.NetworkConfig;
import com.hazelcast.core.HazelcastException;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxBuilder;
import io.vertx.core.VertxOptions;
import io.vertx.core.net.HostAndPort;
import io.vertx.spi.cluster.hazelcast.HazelcastClusterManager;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.Socket;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * What carries words from node to node: the event bus of Vert.x, whose members Hazelcast knows. It
 * carries only what may be lost. Nodes find each other in the database, or as a file of Hazelcast's
 * says.
 */
public final class Bus {

  private static final int PROBE_MILLIS = 1000;

  private static final Logger HAZELCAST = Logger.getLogger("com.hazelcast");
  private static final Logger VERTX = Logger.getLogger("io.vertx.core.impl.VertxImpl");

  /** They warn of parts of Hazelcast that are not used here. */
  private static final List<Logger> QUIET =
      List.of(
          Logger.getLogger("com.hazelcast.instance.impl.HazelcastInstanceFactory"),
          Logger.getLogger("com.hazelcast.cp.CPSubsystem"));

  private final Membership membership;
  private final Optional<Path> file;
  private final Config config;
  private final HazelcastClusterManager manager;

  private Bus(Membership membership, Optional<Path> file, Config config) {
    this.membership = membership;
    this.file = file;
    this.config = config;
    this.manager = new HazelcastClusterManager(config);
  }

  /**
   * Prepares the bus of a node.
   *
   * @param file Hazelcast's own, XML or YAML; where absent, nodes find each other in the database
   * @throws IOException where the file is none of that kind; one line
   */
  public static Bus of(Membership membership, Optional<Path> file) throws IOException {
    HAZELCAST.setLevel(Level.OFF); // until it is in: what keeps it out is told in one line
    QUIET.forEach(logger -> logger.setLevel(Level.SEVERE));
    Config config = file.isPresent() ? read(file.get()) : byDatabase(membership);
    config.setProperty("hazelcast.phone.home.enabled", "false");
    config.setProperty("hazelcast.shutdownhook.enabled", "false"); // a drain comes first
    config.setProperty("hazelcast.logging.type", "slf4j");
    config.setProperty("hazelcast.logging.details.enabled", "false"); // the secret is in them
    config.addMultiMapConfig(
        new MultiMapConfig("__vertx.subs")
            .setBackupCount(1)
            .setValueCollectionType(MultiMapConfig.ValueCollectionType.SET));
    return new Bus(membership, file, config);
  }

  private static Config byDatabase(Membership membership) {
    HostAndPort place = membership.seat().bus().orElseThrow();
    Config config = new Config().setClusterName("poolmark-" + membership.seat().secret());
    config.setProperty("hazelcast.discovery.enabled", "true");
    config.setProperty("hazelcast.local.localAddress", place.host());
    config.setProperty("hazelcast.socket.bind.any", "false");
    config.setProperty("hazelcast.wait.seconds.before.join", "1");
    // Two that start at once, or after a cut, become one again.
    config.setProperty("hazelcast.merge.first.run.delay.seconds", "10");
    config.setProperty("hazelcast.merge.next.run.delay.seconds", "10");
    config
        .getSerializationConfig()
        .setJavaSerializationFilterConfig(new JavaSerializationFilterConfig());
    NetworkConfig network = config.getNetworkConfig();
    network.setPort(place.port()).setPortAutoIncrement(false);
    JoinConfig join = network.getJoin();
    join.getMulticastConfig().setEnabled(false);
    join.getAutoDetectionConfig().setEnabled(false);
    join.getDiscoveryConfig()
        .addDiscoveryStrategyConfig(new DiscoveryStrategyConfig(new NodeFinder(membership)));
    return config;
  }

  /** What is wrong with a file is in the exception; Hazelcast prints it, too, over many lines. */
  private static Config read(Path file) throws IOException {
    PrintStream stderr = System.err;
    System.setErr(new PrintStream(OutputStream.nullOutputStream(), false, UTF_8));
    try {
      return Config.loadFromFile(file.toFile());
    } catch (FileNotFoundException e) {
      throw refused(file, "a file of Hazelcast's configuration", "none");
    } catch (HazelcastException | IllegalArgumentException e) {
      throw refused(file, "Hazelcast's configuration", oneLine(e));
    } finally {
      System.setErr(stderr);
    }
  }

  private static IOException refused(Path file, String expected, String found) {
    return new IOException(
        String.format(
            Locale.ROOT, "--cluster-config %s: expected %s, found %s", file, expected, found));
  }

  private static String oneLine(Throwable failure) {
    return String.valueOf(failure.getMessage()).strip().split("\\R", 2)[0];
  }

  /** Starts a Vert.x that is on the bus. */
  public Future<Vertx> start(VertxOptions options, VertxBuilder builder) {
    membership.seat().bus().ifPresent(place -> options.getEventBusOptions().setHost(place.host()));
    VERTX.setLevel(Level.OFF); // what goes wrong is in the failure, too
    return builder
        .withClusterManager(manager)
        .buildClustered()
        .onComplete(started -> VERTX.setLevel(null))
        .recover(failure -> Future.failedFuture(notStarted(failure)));
  }

  /**
   * Tells where this node is, and fails where those are not there whom it should have met, or don't
   * let it in.
   */
  public Future<?> checkIn(Vertx vertx) {
    return vertx.executeBlocking(this::checkIn, false);
  }

  private IOException notStarted(Throwable failure) {
    String what =
        file.map(path -> "--cluster-config " + path)
            .orElse("--cluster at " + membership.seat().bus().map(Object::toString).orElse(""));
    return new IOException(
        String.format(
            Locale.ROOT, "%s: expected to start the bus, found: %s", what, oneLine(failure)),
        failure);
  }

  private @Nullable Void checkIn() throws IOException {
    Member own = manager.getHazelcastInstance().getCluster().getLocalMember();
    HostAndPort place = HostAndPort.create(own.getAddress().getHost(), own.getAddress().getPort());
    membership.table().tellBus(membership.seat(), place);
    if (file.isPresent() && members() == 1) {
      checkThatOthersLetItIn(file.get());
      checkThatTheListHasIt(file.get(), place);
    }
    HAZELCAST.setLevel(null); // as others
    return null;
  }

  private void checkThatOthersLetItIn(Path path) throws IOException {
    for (Map.Entry<String, HostAndPort> other :
        membership.table().others(membership.seat()).entrySet()) {
      if (answers(other.getValue())) {
        throw refused(
            path,
            "to be let in by node '" + other.getKey() + "' at " + other.getValue(),
            "that it isn't, with <cluster-name> " + config.getClusterName());
      }
    }
  }

  private static boolean answers(HostAndPort place) {
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(place.host(), place.port()), PROBE_MILLIS);
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  /** The first node of a list meets nobody, but is in the list. */
  private void checkThatTheListHasIt(Path path, HostAndPort own) throws IOException {
    var list = config.getNetworkConfig().getJoin().getTcpIpConfig();
    List<String> members = list.getMembers();
    if (list.isEnabled()
        && !members.isEmpty()
        && members.stream().noneMatch(member -> mayBe(member, own))) {
      throw refused(
          path, "a member of its list to answer: " + String.join(", ", members), "nobody there");
    }
  }

  private static boolean mayBe(String member, HostAndPort own) {
    HostAndPort place = HostAndPort.parseAuthority(member, own.port());
    if (place == null || place.host().matches(".*[*-][0-9.*]*")) { // a range of addresses
      return true;
    }
    try {
      InetAddress address = InetAddress.getByName(place.host());
      boolean here =
          address.isLoopbackAddress() || NetworkInterface.getByInetAddress(address) != null;
      return here && place.port() == own.port();
    } catch (IOException e) {
      return false;
    }
  }

  /** How many nodes hear each other now, this one included. */
  public int members() {
    return manager.getNodes().size();
  }
}
