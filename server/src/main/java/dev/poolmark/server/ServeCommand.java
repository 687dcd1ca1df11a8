package dev.poolmark.server;

import dev.poolmark.evaluator.command.AddedCommand;
import dev.poolmark.evaluator.files.UserFolders;
import dev.poolmark.evaluator.text.TextModel;
import dev.poolmark.evaluator.worker.MachineMemory;
import dev.poolmark.server.log.LogFormat;
import dev.poolmark.server.run.Retention;
import dev.poolmark.server.stock.Models;
import dev.poolmark.server.text.EncoderOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Starts the server, and ends it when the process is asked to end. */
@Command(
    name = "serve",
    mixinStandardHelpOptions = true,
    description = "Serve runs, live progress and a page over HTTP.",
    defaultValueProvider = EnvironmentDefaults.class,
    footer =
        "%nEach option can also be set by an environment variable: --max-queued by"
            + " POOLMARK_MAX_QUEUED.")
public final class ServeCommand implements AddedCommand {

  private static final int DONE = 0;
  private static final long USUAL_LANE_BYTES = 8L << 30;

  @Spec private CommandSpec spec;

  @Option(
      names = "--host",
      paramLabel = "ADDRESS",
      defaultValue = "127.0.0.1",
      description =
          "Where to listen (${DEFAULT-VALUE}). Any other than this machine needs --token.")
  private String host;

  @Option(
      names = "--port",
      paramLabel = "N",
      defaultValue = "8765",
      description = "Where to listen (${DEFAULT-VALUE}); 0 for any free one.")
  private int port;

  @Option(
      names = "--token",
      paramLabel = "TEXT",
      description =
          "What every request but /health must show. POOLMARK_TOKEN keeps it out of the list of"
              + " processes.")
  private @Nullable String token;

  @Option(
      names = "--tls-cert",
      paramLabel = "FILE",
      description = "Serve HTTPS with this certificate, in PEM with its chain; with --tls-key.")
  private @Nullable Path tlsCertificate;

  @Option(
      names = "--tls-key",
      paramLabel = "FILE",
      description = "The certificate's private key, in PEM (PKCS #8).")
  private @Nullable Path tlsKey;

  @Option(
      names = "--access-log",
      fallbackValue = "true",
      description = "Log each request on stderr.")
  private boolean accessLog;

  @Option(
      names = "--log-format",
      paramLabel = "text|json",
      defaultValue = "text",
      description = "How the log is written (${DEFAULT-VALUE}).")
  private LogFormat logFormat = LogFormat.TEXT;

  @Option(
      names = "--home",
      paramLabel = "DIR",
      description =
          "Where runs are kept (~/.poolmark, or poolmark in XDG_DATA_HOME where that is set).")
  private @Nullable Path home;

  @Option(
      names = "--database",
      paramLabel = "JDBC-URL",
      description = "jdbc:postgresql://HOST/NAME?user=…&password=… Without it, SQLite in the home.")
  private @Nullable String database;

  @Option(
      names = "--cluster",
      fallbackValue = "true",
      description = "Share the database, which must be PostgreSQL, with other servers.")
  private boolean cluster;

  @Option(
      names = "--node",
      paramLabel = "NAME",
      description = "What this server is called among others (the machine's name).")
  private @Nullable String node;

  @Option(
      names = "--cluster-config",
      paramLabel = "FILE",
      description =
          "How servers find each other, as Hazelcast's XML or YAML. Without it, they do in the"
              + " database.")
  private @Nullable Path clusterConfig;

  @Option(
      names = "--data-root",
      paramLabel = "DIR",
      description = "Its folders are the data sets that runs may name.")
  private @Nullable Path dataRoot;

  @Option(
      names = "--models",
      paramLabel = "DIR",
      description = "Its entries can be scored as models/NAME (HOME/models).")
  private @Nullable Path models;

  @Option(
      names = "--plugins",
      paramLabel = "DIR",
      description = "A further folder of plugin jars, beside the distribution's own.")
  private List<Path> plugins = List.of();

  @Option(
      names = "--lanes",
      paramLabel = "N",
      defaultValue = "1",
      description =
          "How many runs go on at once (${DEFAULT-VALUE}), at most one less than there are cores.")
  private int lanes;

  @Option(
      names = "--pin-cores",
      paramLabel = "N",
      split = ",",
      description = "Pin lanes to these cores, counted from 0.")
  private List<Integer> pinCores = List.of();

  @Option(
      names = "--lane-memory",
      paramLabel = "MIB",
      description =
          "A pooler that takes more memory ends its run (8192, or three quarters of what this"
              + " machine or its container has).")
  private @Nullable Long laneMemory;

  @Option(
      names = "--worker-user",
      paramLabel = "NAME",
      description =
          "Run poolers as this user of the system, who may less; the server must be root's.")
  private @Nullable String workerUser;

  @Option(
      names = "--max-queued",
      paramLabel = "N",
      defaultValue = "5000",
      description = "How many runs may wait (${DEFAULT-VALUE}).")
  private int maxQueued;

  @Option(
      names = "--max-connections",
      paramLabel = "N",
      defaultValue = "8192",
      description = "How many clients may be connected at once (${DEFAULT-VALUE}).")
  private int maxConnections;

  @Option(
      names = "--max-body",
      paramLabel = "MIB",
      defaultValue = "256",
      description = "The largest body of token embeddings (${DEFAULT-VALUE}).")
  private long maxBody;

  @Option(
      names = "--run-timeout",
      paramLabel = "SECONDS",
      defaultValue = "3600",
      description = "How long a run may take, unless its request says (${DEFAULT-VALUE}).")
  private long runTimeout;

  @Option(
      names = "--drain",
      paramLabel = "SECONDS",
      defaultValue = "30",
      description = "How long running runs may still take at the end (${DEFAULT-VALUE}).")
  private long drain;

  @Option(
      names = "--keep-days",
      paramLabel = "N",
      description = "Delete runs that ended more than N days ago, but for pinned ones.")
  private @Nullable Integer keepDays;

  @Option(
      names = "--keep-runs",
      paramLabel = "N",
      description = "Keep the N newest runs that have ended, and pinned ones; delete the others.")
  private @Nullable Integer keepRuns;

  @Option(
      names = "--encoder",
      paramLabel = "DIR",
      description =
          "What encodes texts: a model folder of sentence-transformers. Without it, the bundled"
              + " encoders, joined to 768 dimensions.")
  private @Nullable Path encoder;

  @Option(
      names = "--pooler",
      paramLabel = "SPEC",
      description =
          "What pools the tokens of texts, also models/NAME. Without it, the model's own, or the"
              + " mean of the bundled encoders.")
  private @Nullable String pooler;

  @Option(
      names = "--encoder-threads",
      paramLabel = "N",
      description = "How many cores encode texts (those that --lanes leaves, at least 1).")
  private @Nullable Integer encoderThreads;

  @Option(
      names = "--auto-truncate",
      fallbackValue = "true",
      description = "Cut texts that are too long, unless a request says otherwise.")
  private boolean autoTruncate;

  @Option(
      names = "--max-client-batch-size",
      paramLabel = "N",
      defaultValue = "2048",
      description = "The most texts in one request (${DEFAULT-VALUE}, as at OpenAI).")
  private int maxClientBatchSize;

  @Option(
      names = "--max-batch-tokens",
      paramLabel = "N",
      defaultValue = "2048",
      description = "About so many tokens are encoded at once (${DEFAULT-VALUE}).")
  private int maxBatchTokens;

  @Option(
      names = "--max-concurrent-requests",
      paramLabel = "N",
      defaultValue = "512",
      description = "How many requests for texts may be under way (${DEFAULT-VALUE}).")
  private int maxConcurrentRequests;

  @Override
  public Integer call() throws IOException, InterruptedException {
    logFormat.use();
    PoolmarkServer server = start(options());
    spec.commandLine().getOut().println("poolmark: listening on " + server.url());
    spec.commandLine().getOut().flush();
    CountDownLatch never = new CountDownLatch(1);
    Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(server), "drain"));
    never.await();
    return DONE;
  }

  private ServerOptions options() throws IOException {
    if (home == null) {
      home = UserFolders.data();
    }
    UserFolders.cache(); // lanes need one, and it is told before anybody is served
    TextModel.Description model =
        TextModel.describe(Optional.ofNullable(encoder), Optional.ofNullable(pooler));
    Path modelsFolder = (models == null ? home.resolve("models") : models).toAbsolutePath();
    try {
      return new ServerOptions(
          host,
          port,
          Optional.ofNullable(token),
          tls(),
          accessLog,
          home.toAbsolutePath(),
          Optional.ofNullable(database),
          cluster,
          Optional.ofNullable(node),
          Optional.ofNullable(clusterConfig).map(Path::toAbsolutePath),
          Optional.ofNullable(dataRoot).map(Path::toAbsolutePath),
          modelsFolder,
          plugins.stream().map(Path::toAbsolutePath).toList(),
          lanes,
          pinCores,
          laneMemory == null
              ? Math.min(USUAL_LANE_BYTES, MachineMemory.ofAChild())
              : laneMemory << 20,
          Optional.ofNullable(workerUser),
          maxQueued,
          maxConnections,
          maxBody << 20,
          Duration.ofSeconds(runTimeout),
          Duration.ofSeconds(drain),
          new Retention(
              Optional.ofNullable(keepDays).map(Duration::ofDays),
              keepRuns == null ? OptionalInt.empty() : OptionalInt.of(keepRuns)),
          new EncoderOptions(
              model,
              Optional.ofNullable(encoder).map(Path::toAbsolutePath),
              Optional.ofNullable(pooler).map(spec -> located(spec, modelsFolder)),
              encoderThreads == null ? coresLeft() : encoderThreads,
              maxBatchTokens,
              maxClientBatchSize,
              maxConcurrentRequests,
              autoTruncate));
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), e.getMessage());
    }
  }

  private Optional<TlsFiles> tls() {
    if (tlsCertificate == null && tlsKey == null) {
      return Optional.empty();
    } else if (tlsCertificate == null || tlsKey == null) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "%s: expected %s with it, found none",
              tlsKey == null ? "--tls-cert" : "--tls-key",
              tlsKey == null ? "--tls-key" : "--tls-cert"));
    }
    return Optional.of(new TlsFiles(tlsCertificate.toAbsolutePath(), tlsKey.toAbsolutePath()));
  }

  /** A spec as a child process takes it, which works elsewhere: a file's is absolute. */
  private static String located(String spec, Path models) {
    return new Models(models)
        .locate(spec)
        .orElseGet(() -> Path.of(spec).toAbsolutePath().toString());
  }

  private int coresLeft() {
    return Math.max(1, Runtime.getRuntime().availableProcessors() - lanes);
  }

  private PoolmarkServer start(ServerOptions options) throws IOException, InterruptedException {
    Path distribution = Path.of(System.getProperty("poolmark.home"));
    try {
      return PoolmarkServer.start(options, distribution)
          .toCompletionStage()
          .toCompletableFuture()
          .get();
    } catch (ExecutionException e) {
      throw notServing(Objects.requireNonNull(e.getCause()));
    } catch (IOException e) {
      throw notServing(e);
    }
  }

  private static IOException notServing(Throwable cause) {
    return new IOException("can't serve: " + cause.getMessage(), cause);
  }

  private static void stop(PoolmarkServer server) {
    try {
      server.stop().toCompletionStage().toCompletableFuture().get();
    } catch (InterruptedException | ExecutionException e) {
      System.err.println("poolmark: " + e.getMessage());
    }
  }
}
