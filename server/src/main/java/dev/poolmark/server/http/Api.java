package dev.poolmark.server.http;

import dev.poolmark.server.cluster.Node;
import dev.poolmark.server.cluster.Nodes;
import dev.poolmark.server.http.access.Access;
import dev.poolmark.server.http.access.Login;
import dev.poolmark.server.http.access.SecurityHeaders;
import dev.poolmark.server.http.answer.ApiException;
import dev.poolmark.server.http.answer.Failures;
import dev.poolmark.server.http.answer.Json;
import dev.poolmark.server.http.page.ModelPages;
import dev.poolmark.server.http.page.Pages;
import dev.poolmark.server.http.text.TextRoutes;
import dev.poolmark.server.lane.LaneQueue;
import dev.poolmark.server.run.Run;
import dev.poolmark.server.run.RunQueue;
import dev.poolmark.server.run.RunStatus;
import dev.poolmark.server.run.RunStore;
import dev.poolmark.server.stock.Models;
import dev.poolmark.server.stock.Parcels;
import dev.poolmark.server.stock.Stock;
import dev.poolmark.server.text.Encoder;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.BodyHandler;
import io.vertx.ext.web.openapi.router.OpenAPIRoute;
import io.vertx.ext.web.openapi.router.RouterBuilder;
import io.vertx.openapi.contract.Location;
import io.vertx.openapi.contract.OpenAPIContract;
import io.vertx.openapi.contract.Operation;
import io.vertx.openapi.contract.Parameter;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;

/**
 * All routes. The OpenAPI document is the contract: routes are made from it, and requests are
 * validated against it. Token embeddings are not read here but in a lane, which checks them itself.
 */
public final class Api {

  private static final long MAX_RUN_REQUEST_BYTES = 64 * 1024;

  private static final List<String> TEXT_PATHS =
      List.of("/", "/embed", "/embed_all", "/rerank", "/v1/embeddings");

  private static final List<String> UNREAD =
      List.of(
          "pool",
          "similarity",
          "embed",
          "embedAll",
          "rerank",
          "embedRoot",
          "openAiEmbeddings",
          "watchRun");

  private final Vertx vertx;
  private final Nodes nodes;
  private final RunStore store;
  private final RunQueue queue;
  private final RequestLimits limits;
  private final Encoder encoder;
  private final Stock stock;
  private final ParcelRoutes parcels;
  private final Access access;
  private final PrometheusMeterRegistry metrics;
  private final RunRoutes runs;
  private final ComparisonRoutes comparisons;
  private final PoolerRoutes poolers;
  private final TextRoutes texts;
  private final PoolRoutes pool;
  private final ProgressRoutes progress;
  private final ModelPages modelPages;
  private final Instant started = Instant.now();

  /**
   * @param desk the lane for short questions
   * @param scratch a folder for bodies on their way to a lane
   * @param access who may do what
   */
  public Api(
      Vertx vertx,
      Nodes nodes,
      RunStore store,
      RunQueue queue,
      LaneQueue desk,
      Encoder encoder,
      Stock stock,
      Parcels parcels,
      Models models,
      RequestLimits limits,
      Path scratch,
      Access access,
      PrometheusMeterRegistry metrics) {
    this.vertx = vertx;
    this.nodes = nodes;
    this.store = store;
    this.queue = queue;
    this.limits = limits;
    this.encoder = encoder;
    this.stock = stock;
    this.parcels = new ParcelRoutes(vertx, parcels);
    this.access = access;
    this.metrics = metrics;
    this.poolers = new PoolerRoutes(vertx, desk, models, stock);
    this.runs = new RunRoutes(vertx, store, queue, stock, poolers, limits);
    this.comparisons = new ComparisonRoutes(vertx, store, desk, scratch);
    this.texts = new TextRoutes(vertx, encoder, metrics);
    this.pool = new PoolRoutes(vertx, desk, models, poolers, texts, limits, scratch);
    this.progress = new ProgressRoutes(vertx, queue);
    this.modelPages = new ModelPages(vertx, models);
    register(desk);
  }

  /** Answers every request. */
  public Future<Handler<HttpServerRequest>> requests() {
    return OpenAPIContract.from(vertx, Contract.forRouter())
        .<Handler<HttpServerRequest>>map(contract -> new WellFormed(router(contract)))
        .onSuccess(requests -> poolers.warm());
  }

  /** Answers what is no request. */
  public static void refuse(HttpServerRequest request) {
    WellFormed.refuse(request);
  }

  /** Tells those who follow a run that the server goes. */
  public void leaveWatchers() {
    progress.leave();
  }

  private Router router(OpenAPIContract contract) {
    Router router = Router.router(vertx);
    Failures failures = new Failures(queue::draining, Contract::methods);
    router.route().handler(new SecurityHeaders()).handler(access).failureHandler(failures);
    for (int status : new int[] {400, 404, 405, 413, 415}) {
      router.errorHandler(status, failures);
    }
    router.head().handler(Api::asGet).failureHandler(failures);
    new Login(access).mount(router, failures);
    router.post().handler(this::takeWork).failureHandler(failures);
    router
        .post("/runs")
        .handler(BodyHandler.create(false).setBodyLimit(MAX_RUN_REQUEST_BYTES))
        .failureHandler(failures);
    router
        .patch("/runs/*")
        .handler(BodyHandler.create(false).setBodyLimit(MAX_RUN_REQUEST_BYTES))
        .failureHandler(failures);
    for (String path : TEXT_PATHS) {
      router.post(path).handler(Api::wantJson).handler(texts::takePlace).failureHandler(failures);
      router
          .post(path)
          .handler(BodyHandler.create(false).setBodyLimit(TextRoutes.MAX_BODY_BYTES))
          .failureHandler(failures);
    }
    Pages.mount(router);
    parcels.mount(router, failures);
    router.route("/*").subRouter(contractRouter(contract, failures));
    return router;
  }

  private void takeWork(RoutingContext context) {
    if (queue.draining()) {
      throw ApiException.ending();
    }
    context.next();
  }

  /** What a GET would tell, without its body; only events would never end. */
  private static void asGet(RoutingContext context) {
    if (context.request().path().endsWith("/events")) {
      context.fail(405);
    } else {
      context.reroute(HttpMethod.GET, context.request().uri());
    }
  }

  private static void wantJson(RoutingContext context) {
    String type = context.request().getHeader("Content-Type");
    if (type == null || !type.toLowerCase(Locale.ROOT).startsWith("application/json")) {
      throw ApiException.unsupportedMedia(
          String.format(Locale.ROOT, "expected Content-Type application/json, found '%s'", type));
    }
    context.next();
  }

  private Router contractRouter(OpenAPIContract contract, Failures failures) {
    RouterBuilder builder = RouterBuilder.create(vertx, contract, new RequestReader());
    Map<String, Handler<RoutingContext>> handlers =
        Map.ofEntries(
            Map.entry("createRun", runs::create),
            Map.entry("listRuns", runs::list),
            Map.entry("getRun", runs::get),
            Map.entry("describeRun", runs::describe),
            Map.entry("cancelRun", runs::cancelOrPurge),
            Map.entry("getRunPairs", runs::pairs),
            Map.entry("getLeaderboard", runs::leaderboard),
            Map.entry("compareRuns", comparisons::compare),
            Map.entry("getResults", comparisons::results),
            Map.entry("watchRun", this::watch),
            Map.entry("streamRun", this::stream),
            Map.entry("pool", pool::pool),
            Map.entry("similarity", pool::similarity),
            Map.entry("embed", texts::embed),
            Map.entry("embedAll", texts::embedAll),
            Map.entry("rerank", texts::rerank),
            Map.entry("embedRoot", texts::root),
            Map.entry("openAiEmbeddings", texts::openAiEmbeddings),
            Map.entry("listPoolers", poolers::list),
            Map.entry("rescanPoolers", poolers::rescan),
            Map.entry("listDatasets", runs::datasets),
            Map.entry("getHealth", Api::health),
            Map.entry("getReady", this::ready),
            Map.entry("listNodes", this::listNodes),
            Map.entry("getInfo", this::info),
            Map.entry("getMetrics", this::metrics),
            Map.entry("listModels", this::listModels),
            Map.entry("getModelReport", modelPages::report),
            Map.entry("getModelTraining", modelPages::training),
            Map.entry("getPage", RoutingContext::next), // Pages answers it before
            Map.entry(
                "getContract",
                context ->
                    Json.answer(
                        context, 200, Contract.published(access.wantsToken(), encoder.options()))));
    checkComplete(contract, handlers.keySet());
    for (OpenAPIRoute route : builder.getRoutes()) {
      Set<String> names = queryNames(route.getOperation());
      route.addHandler(
          context -> {
            Query.of(context).checkNames(names);
            context.next();
          });
      route.addHandler(handlers.get(route.getOperation().getOperationId()));
      route.addFailureHandler(failures);
    }
    // Their bodies and upgrades must reach the handler unread, or are long and read by workers.
    for (String unread : UNREAD) {
      builder.getRoute(unread).setDoValidation(false);
    }
    return builder.createRouter();
  }

  private static Set<String> queryNames(Operation operation) {
    return operation.getParameters().stream()
        .filter(parameter -> parameter.getIn() == Location.QUERY)
        .map(Parameter::getName)
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static void checkComplete(OpenAPIContract contract, Set<String> handled) {
    Set<String> named =
        contract.operations().stream().map(Operation::getOperationId).collect(Collectors.toSet());
    if (!named.equals(handled)) {
      throw new IllegalStateException(
          String.format(Locale.ROOT, "the contract has %s, handled are %s", named, handled));
    }
  }

  private void watch(RoutingContext context) {
    progress.webSocket(context, runs.findToWatch(context));
  }

  private void stream(RoutingContext context) {
    Future<Run> found = runs.findToWatch(context);
    found.onSuccess(run -> progress.events(context, run)).onFailure(context::fail);
  }

  /** It is alive; what it can do just now is another question. */
  private static void health(RoutingContext context) {
    Json.answer(context, 200, new JsonObject().put("status", "ok"));
  }

  private void ready(RoutingContext context) {
    if (queue.draining()) {
      context.fail(ApiException.unavailable("the server is about to end"));
    } else if (!store.available()) {
      context.fail(ApiException.unavailable("the database is away"));
    } else if (nodes.lost()) {
      context.fail(ApiException.unavailable("another server took this node's place"));
    } else {
      Json.answer(context, 200, new JsonObject().put("status", "ok").put("node", nodes.own()));
    }
  }

  private void listNodes(RoutingContext context) {
    nodes
        .list()
        .onSuccess(
            all -> {
              JsonArray list = new JsonArray(all.stream().map(Node::toJson).toList());
              Json.answer(context, 200, new JsonObject().put("nodes", list));
            })
        .onFailure(context::fail);
  }

  /** What {@code GET /poolers} tells, as of the last look. */
  public Future<JsonObject> catalog() {
    return poolers.listing();
  }

  /** What {@code GET /nodes} tells of this one. */
  public JsonObject description() {
    return new JsonObject()
        .put("version", version())
        .put("lanes", limits.lanes())
        .put("running", new JsonArray(queue.runningIds()));
  }

  private void info(RoutingContext context) {
    stock
        .modelSpecs()
        .onSuccess(known -> Json.answer(context, 200, info(known)))
        .onFailure(context::fail);
  }

  private JsonObject info(List<String> known) {
    return new JsonObject()
        .put("version", version())
        .put("lanes", limits.lanes())
        .put("queued", queue.queuedCount())
        .put("running", queue.runningCount())
        .put("watchers", queue.watcherCount())
        .put("max_queued", limits.maxQueued())
        .put("max_body_bytes", limits.maxBodyBytes())
        .put("needs_token", access.wantsToken())
        .put("models", known)
        .put("payload_limit", TextRoutes.MAX_BODY_BYTES)
        .mergeIn(texts.info());
  }

  /** What encodes texts, as OpenAI lists its models. */
  private void listModels(RoutingContext context) {
    JsonObject model =
        new JsonObject()
            .put("id", texts.info().getString("model_id"))
            .put("object", "model")
            .put("created", started.getEpochSecond())
            .put("owned_by", "poolmark");
    Json.answer(
        context,
        200,
        new JsonObject().put("object", "list").put("data", new JsonArray().add(model)));
  }

  private static String version() {
    String version = Api.class.getPackage().getImplementationVersion();
    return version == null ? "unknown" : version;
  }

  private void metrics(RoutingContext context) {
    context
        .response()
        .putHeader("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
        .end(metrics.scrape());
  }

  private void register(LaneQueue desk) {
    gauge("poolmark.runs.queued", "Runs that wait", queue::queuedCount);
    gauge("poolmark.runs.running", "Runs that are going on", queue::runningCount);
    gauge("poolmark.desk.waiting", "Short questions that wait or are answered", desk::waiting);
    gauge("poolmark.watchers", "Clients that follow a run", queue::watcherCount);
    gauge(
        "poolmark.database.available",
        "1 where the database answered when it was last asked, else 0",
        () -> store.available() ? 1 : 0);
    lanes("busy", queue::runningCount);
    lanes("idle", () -> limits.lanes() - queue.runningCount());
    for (RunStatus status : RunStatus.values()) {
      if (status.ended()) {
        FunctionCounter.builder("poolmark.runs.ended", queue, all -> all.endedCount(status))
            .description("Runs that ended since the server started")
            .tag("status", status.text())
            .register(metrics);
      }
    }
    replaced("runs", queue, RunQueue::laneRestarts);
    replaced("desk", desk, LaneQueue::restarts);
    FunctionCounter.builder("poolmark.pool.bytes", pool, PoolRoutes::bytes)
        .description("Bytes of token embeddings that were pooled")
        .register(metrics);
    FunctionCounter.builder("poolmark.pool.sentences", pool, PoolRoutes::sentences)
        .description("Sentences that were pooled")
        .register(metrics);
  }

  private <T> void replaced(String lane, T of, ToDoubleFunction<T> restarts) {
    FunctionCounter.builder("poolmark.lanes.replaced", of, restarts)
        .description("Child processes that were replaced after a fault")
        .tag("lane", lane)
        .register(metrics);
  }

  private void gauge(String name, String help, Supplier<Number> value) {
    Gauge.builder(name, value).description(help).register(metrics);
  }

  private void lanes(String state, Supplier<Number> count) {
    Gauge.builder("poolmark.lanes", count)
        .description("Lanes that score a run, and those that wait for one")
        .tag("state", state)
        .register(metrics);
  }
}
