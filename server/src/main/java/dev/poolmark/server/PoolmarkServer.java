package dev.poolmark.server;

import dev.poolmark.evaluator.evaluation.Machine;
import dev.poolmark.evaluator.files.CacheFolder;
import dev.poolmark.evaluator.files.UserFolders;
import dev.poolmark.evaluator.worker.BrokenJars;
import dev.poolmark.evaluator.worker.Worker;
import dev.poolmark.evaluator.worker.WorkerEvent;
import dev.poolmark.evaluator.worker.WorkerProgram;
import dev.poolmark.evaluator.worker.WorkerRequest;
import dev.poolmark.evaluator.worker.WorkerUser;
import dev.poolmark.server.cluster.Bus;
import dev.poolmark.server.cluster.Membership;
import dev.poolmark.server.cluster.Nodes;
import dev.poolmark.server.http.Api;
import dev.poolmark.server.http.RequestLimits;
import dev.poolmark.server.http.access.Access;
import dev.poolmark.server.http.access.AccessLog;
import dev.poolmark.server.http.access.Logouts;
import dev.poolmark.server.http.connection.Connections;
import dev.poolmark.server.lane.Lane;
import dev.poolmark.server.lane.LaneQueue;
import dev.poolmark.server.run.Claimant;
import dev.poolmark.server.run.PathNames;
import dev.poolmark.server.run.RunQueue;
import dev.poolmark.server.run.RunStore;
import dev.poolmark.server.run.RunTimes;
import dev.poolmark.server.stock.Datasets;
import dev.poolmark.server.stock.Holdings;
import dev.poolmark.server.stock.Models;
import dev.poolmark.server.stock.OwnStock;
import dev.poolmark.server.stock.Parcels;
import dev.poolmark.server.stock.Stock;
import dev.poolmark.server.store.Database;
import dev.poolmark.server.text.Encoder;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.VerticleBase;
import io.vertx.core.Vertx;
import io.vertx.core.VertxBuilder;
import io.vertx.core.VertxOptions;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.json.JsonObject;
import io.vertx.micrometer.MicrometerMetricsFactory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A running server. The queue, the routes and the watchers share one event loop; the database has a
 * worker thread, and poolers run in the lanes' processes.
 */
public final class PoolmarkServer {

  private static final Logger LOG = LoggerFactory.getLogger(PoolmarkServer.class);

  /**
   * Where cores are short, the server answers first. A machine that has one to spare runs a lane as
   * fast as ever, and what is timed is timed in turn with the reference.
   */
  private static final int NICENESS = 5;

  /** Of the headers, and of the address. */
  private static final int MAX_HEADER_BYTES = 16 * 1024;

  private static final int BACKLOG = 4096;

  /** Bodies are large, and each piece of one passes through several hands. */
  private static final int MAX_CHUNK_BYTES = 64 * 1024;

  private final Vertx vertx;
  private final ServerVerticle verticle;

  private PoolmarkServer(Vertx vertx, ServerVerticle verticle) {
    this.vertx = vertx;
    this.verticle = verticle;
  }

  /**
   * Starts a server.
   *
   * @param distribution whose {@code bin/poolmark} the lanes are
   * @throws IOException where its home or its place among the nodes can't be had; one line
   */
  public static Future<PoolmarkServer> start(ServerOptions options, Path distribution)
      throws IOException {
    Home home = Home.take(options.home());
    Optional<WorkerUser> workerUser = workerUser(options, distribution, home);
    if (options.cluster() && Database.isSqlite(options.jdbcUrl())) {
      throw new IOException(
          "--cluster: expected --database jdbc:postgresql://…, which nodes can share, found SQLite");
    }
    Membership membership =
        Membership.join(
            options.jdbcUrl(),
            options.node(),
            options.home(),
            options.cluster(),
            options.cluster() && options.clusterConfig().isEmpty()
                ? Optional.of(Database.addressTowards(options.jdbcUrl()))
                : Optional.empty());
    PrometheusMeterRegistry metrics =
        Metrics.registry(options.cluster() ? Optional.of(membership.node()) : Optional.empty());
    ServerVerticle verticle =
        new ServerVerticle(options, distribution, metrics, home, workerUser, membership);
    Promise<PoolmarkServer> started = Promise.promise(); // of no event loop: a failure closes them
    Optional<Bus> bus = bus(options, membership, metrics);
    vertx(bus, metrics)
        .onFailure(started::fail)
        .onSuccess(
            vertx ->
                checkIn(bus, vertx)
                    .compose(in -> vertx.deployVerticle(verticle))
                    .onSuccess(deployed -> started.complete(new PoolmarkServer(vertx, verticle)))
                    .onFailure(
                        failure -> vertx.close().onComplete(closed -> started.fail(failure))));
    return started
        .future()
        .onFailure(
            failure -> {
              membership.leave();
              home.close();
            });
  }

  private static Optional<Bus> bus(
      ServerOptions options, Membership membership, PrometheusMeterRegistry metrics)
      throws IOException {
    if (!options.cluster()) {
      return Optional.empty();
    }
    try {
      Bus bus = Bus.of(membership, options.clusterConfig());
      Metrics.tellOf(bus, metrics);
      return Optional.of(bus);
    } catch (IOException e) {
      membership.leave();
      throw e;
    }
  }

  private static Future<Vertx> vertx(Optional<Bus> bus, PrometheusMeterRegistry metrics) {
    VertxOptions options = new VertxOptions();
    options.setMetricsOptions(Metrics.options());
    VertxBuilder builder =
        Vertx.builder().with(options).withMetrics(new MicrometerMetricsFactory(metrics));
    return bus.isPresent()
        ? bus.get().start(options, builder)
        : Future.succeededFuture(builder.build());
  }

  private static Future<?> checkIn(Optional<Bus> bus, Vertx vertx) {
    return bus.isPresent() ? bus.get().checkIn(vertx) : Future.succeededFuture();
  }

  private static Optional<WorkerUser> workerUser(
      ServerOptions options, Path distribution, Home home) throws IOException {
    if (options.workerUser().isEmpty()) {
      return Optional.empty();
    }
    WorkerUser user = WorkerUser.named(options.workerUser().get());
    home.letIn(user);
    user.checkReads(readByWorkers(options, distribution, home));
    return Optional.of(user);
  }

  private static List<Path> readByWorkers(ServerOptions options, Path distribution, Home home) {
    List<Path> places = new ArrayList<>(List.of(distribution.resolve("lib"), home.scratch()));
    places.add(home.worker());
    options.dataRoot().ifPresent(places::add);
    places.addAll(options.plugins());
    if (Files.exists(options.models())) {
      places.add(options.models());
    }
    options.text().encoder().ifPresent(places::add);
    return places;
  }

  public String url() {
    return String.format(
        Locale.ROOT,
        "%s://%s:%d/",
        verticle.options.tls().isPresent() ? "https" : "http",
        verticle.options.host(),
        verticle.http.actualPort());
  }

  /** Takes no more runs, lets those that are running end, and closes everything. */
  public Future<Void> stop() {
    return Future.<Void>future(
            promise ->
                verticle.context().runOnContext(unused -> verticle.drain().onComplete(promise)))
        .eventually(vertx::close)
        .onComplete(closed -> verticle.home.close());
  }

  /** What is in the server, all on one context. */
  private static final class ServerVerticle extends VerticleBase {

    private final ServerOptions options;
    private final Path distribution;
    private final PrometheusMeterRegistry metrics;
    private final BrokenJars broken =
        new BrokenJars(jar -> LOG.warn("a plugin is left out: {}", jar));
    private final Home home;
    private final Optional<WorkerUser> workerUser;
    private final Membership membership;
    private @Nullable Database database;
    private JsonObject core = new JsonObject();
    private List<Lane> lanes = List.of();

    // From when there are lanes.
    @SuppressWarnings("NullAway.Init")
    private LaneQueue desk;

    @SuppressWarnings("NullAway.Init")
    private Encoder encoder;

    @SuppressWarnings("NullAway.Init")
    private Nodes nodes;

    // From when the server listens.
    @SuppressWarnings("NullAway.Init")
    private RunQueue queue;

    @SuppressWarnings("NullAway.Init")
    private Api api;

    @SuppressWarnings("NullAway.Init")
    private HttpServer http;

    ServerVerticle(
        ServerOptions options,
        Path distribution,
        PrometheusMeterRegistry metrics,
        Home home,
        Optional<WorkerUser> workerUser,
        Membership membership) {
      this.options = options;
      this.distribution = distribution;
      this.metrics = metrics;
      this.home = home;
      this.workerUser = workerUser;
      this.membership = membership;
    }

    Context context() {
      return context;
    }

    @Override
    public Future<?> start() {
      return Database.connect(vertx, options.jdbcUrl())
          .compose(
              opened -> {
                database = opened;
                return access(opened);
              })
          .compose(
              access -> furnish(Objects.requireNonNull(database), home.scratch(), cache(), access));
    }

    private Future<Access> access(Database opened) {
      if (options.token().isEmpty()) {
        return Future.succeededFuture(new Access());
      }
      Logouts logouts = new Logouts(vertx, opened);
      return logouts
          .begin(membership.lease().isPresent())
          .map(read -> new Access(options.token().get(), logouts));
    }

    private Future<Void> furnish(Database opened, Path scratch, Path cache, Access access) {
      RunStore runs = new RunStore(opened);
      nodes = new Nodes(vertx, opened, membership);
      boolean shares = membership.lease().isPresent();
      Datasets datasets = new Datasets(options.dataRoot(), cache);
      Models models = new Models(options.models());
      String machine = Machine.description();
      Holdings holdings = new Holdings(opened, membership.node());
      OwnStock own = new OwnStock(vertx, holdings, datasets, models, plugins(), machine);
      Stock stock =
          new Stock(
              vertx,
              own,
              holdings,
              datasets,
              models,
              cache,
              CacheFolder.usualBytes(),
              options.token(),
              shares);
      lanes =
          IntStream.range(0, options.lanes())
              .mapToObj(number -> lane(program(scratch, options.core(number))))
              .toList();
      desk = new LaneQueue(lane(program(scratch, -1)));
      encoder = encoder(scratch);
      PathNames names = pathNames(scratch);
      queue =
          new RunQueue(
              vertx,
              runs,
              new Claimant(membership.node(), machine, membership.lease()),
              stock,
              lanes,
              names,
              scratch,
              options.maxQueued(),
              new RunTimes(metrics));
      RequestLimits limits =
          new RequestLimits(
              options.lanes(), options.maxQueued(), options.maxBodyBytes(), options.runTimeout());
      api =
          new Api(
              vertx,
              nodes,
              runs,
              queue,
              desk,
              encoder,
              stock,
              new Parcels(own, datasets, models, cache),
              models,
              limits,
              scratch,
              access,
              metrics);
      return checkTls()
          .compose(checked -> loadNamedModel())
          .compose(loaded -> api.requests())
          .compose(
              requests ->
                  vertx
                      .createHttpServer(httpOptions())
                      .connectionHandler(new Connections(httpOptions(), options.maxConnections()))
                      .requestHandler(options.accessLog() ? new AccessLog(requests) : requests)
                      .invalidRequestHandler(Api::refuse)
                      .listen(options.port(), options.host())
                      .recover(this::notListening))
          .onSuccess(listening -> http = listening)
          .compose(listening -> queue.begin())
          .compose(begun -> nodes.begin(queue::draining, this::description))
          .onSuccess(
              begun -> {
                own.begin(api::catalog, queue::startNext);
                lanes.forEach(Lane::warm);
                measureCore();
                options.retention().keepTo(runs, vertx);
              });
    }

    /** What {@code GET /nodes} tells of this one. */
    private JsonObject description() {
      return api.description()
          .put("address", Addresses.url(options, http.actualPort()))
          .put("machine", Machine.description())
          .put("cpu", Machine.cpu())
          .put("cores", Runtime.getRuntime().availableProcessors())
          .mergeIn(core);
    }

    /** Before the first run, as a rule: it takes a core for half a second. */
    private void measureCore() {
      desk.ask(new WorkerRequest.Measure())
          .onSuccess(
              answer -> {
                if (answer instanceof WorkerEvent.Measured measured) {
                  core =
                      new JsonObject()
                          .put("torch", measured.torch())
                          .put("read_gb_per_second", rounded(measured.readGbPerSecond()))
                          .put("gflops", rounded(measured.gflops()));
                } else {
                  LOG.warn("this machine's core is not measured: {}", answer);
                }
              })
          .onFailure(
              fault -> LOG.warn("this machine's core is not measured: {}", fault.getMessage()));
    }

    private static double rounded(double figure) {
      return Math.round(figure * 10) / 10.0;
    }

    private Future<Void> checkTls() {
      return options.tls().isEmpty()
          ? Future.succeededFuture()
          : vertx.executeBlocking(() -> options.tls().get().check(vertx), false);
    }

    /** Where other nodes' data is kept: with what is parsed here, where lanes may read that. */
    private Path cache() {
      try {
        return workerUser.isPresent() ? home.cache() : UserFolders.cache();
      } catch (IOException e) {
        return home.cache();
      }
    }

    private PathNames pathNames(Path scratch) {
      Map<Path, String> folders = new HashMap<>();
      folders.put(Path.of(System.getProperty("user.home")), "~");
      Path temporary = Path.of(System.getProperty("java.io.tmpdir"));
      folders.put(temporary, "tmp");
      if (System.getProperty("poolmark.tmpdir") != null && temporary.getParent() != null) {
        folders.put(temporary.getParent(), "tmp"); // lanes have folders of their own beside it
      }
      folders.put(distribution, "poolmark");
      folders.put(options.home(), "home");
      folders.put(scratch, "scratch");
      options.plugins().forEach(plugins -> folders.put(plugins, "plugins"));
      options.dataRoot().ifPresent(root -> folders.put(root, ""));
      folders.put(options.models(), "models");
      return new PathNames(folders);
    }

    /**
     * What was asked for by name must work before anybody is served. The bundled encoders are
     * loaded with the first text: many servers are for runs alone.
     */
    private Future<Void> loadNamedModel() {
      boolean named = options.text().encoder().isPresent() || options.text().pooler().isPresent();
      return named ? encoder.warm() : Future.succeededFuture();
    }

    /** A child process of its own, with the cores that runs leave. */
    private Encoder encoder(Path scratch) {
      WorkerProgram program = program(scratch, -1).withCores(options.text().threads());
      return new Encoder(lane(program), options.text(), metrics);
    }

    private Lane lane(WorkerProgram program) {
      return new Lane(vertx, new Worker(program, plugins(), broken));
    }

    /** The distribution's own first. */
    private List<Path> plugins() {
      List<Path> all = new ArrayList<>(List.of(distribution.resolve("plugins")));
      all.addAll(options.plugins());
      return all;
    }

    private WorkerProgram program(Path folder, int core) {
      List<String> words = core < 0 ? List.of() : List.of("--pin-core", Integer.toString(core));
      WorkerProgram program =
          WorkerProgram.of(distribution, words, options.laneMemoryBytes()).in(folder);
      return workerUser.map(user -> program.as(user, home.worker())).orElse(program).nice(NICENESS);
    }

    private HttpServerOptions httpOptions() {
      HttpServerOptions http = plainOptions();
      // Without ALPN: HTTP/2 would pass by what reads each request with care.
      options.tls().ifPresent(tls -> http.setSsl(true).setKeyCertOptions(tls.options()));
      return http;
    }

    private static HttpServerOptions plainOptions() {
      return new HttpServerOptions()
          .setUseAlpn(false)
          .setHttp2ClearTextEnabled(false)
          .setMaxHeaderSize(MAX_HEADER_BYTES)
          .setMaxInitialLineLength(MAX_HEADER_BYTES)
          .setMaxChunkSize(MAX_CHUNK_BYTES)
          .setAcceptBacklog(BACKLOG)
          .setMaxWebSocketFrameSize(4096)
          .setMaxWebSocketMessageSize(4096)
          .setPerFrameWebSocketCompressionSupported(false)
          .setPerMessageWebSocketCompressionSupported(false)
          .setCompressionSupported(false);
    }

    private Future<HttpServer> notListening(Throwable failure) {
      return Future.failedFuture(
          new IOException(
              String.format(
                  Locale.ROOT,
                  "%s:%d: expected an address to listen on, found: %s",
                  options.host(),
                  options.port(),
                  failure.getMessage()),
              failure));
    }

    Future<Void> drain() {
      Future<Void> texts =
          encoder
              .drain()
              .timeout(options.drain().toMillis(), TimeUnit.MILLISECONDS)
              .otherwiseEmpty();
      return Future.join(queue.drain(options.drain()), texts)
          .onComplete(drained -> api.leaveWatchers())
          .eventually(nodes::leave)
          .mapEmpty();
    }

    @Override
    public Future<?> stop() {
      if (!lanes.isEmpty()) {
        lanes.forEach(Lane::close);
        desk.close();
        encoder.close();
      }
      return database == null ? Future.succeededFuture() : database.close();
    }
  }
}
