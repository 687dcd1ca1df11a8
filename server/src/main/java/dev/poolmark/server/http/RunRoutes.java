package dev.poolmark.server.http;

import dev.poolmark.server.http.answer.ApiException;
import dev.poolmark.server.http.answer.Json;
import dev.poolmark.server.http.answer.Unicode;
import dev.poolmark.server.run.Leaderboard;
import dev.poolmark.server.run.Run;
import dev.poolmark.server.run.RunFilter;
import dev.poolmark.server.run.RunQueue;
import dev.poolmark.server.run.RunRequest;
import dev.poolmark.server.run.RunStatus;
import dev.poolmark.server.run.RunStore;
import dev.poolmark.server.stock.Datasets;
import dev.poolmark.server.stock.Needs;
import dev.poolmark.server.stock.Stock;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.ParsedHeaderValue;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.openapi.router.RouterBuilder;
import io.vertx.openapi.validation.RequestParameter;
import io.vertx.openapi.validation.ValidatedRequest;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;

/** Runs: asked for, listed, looked at, cancelled, compared. */
final class RunRoutes {

  private final Vertx vertx;
  private final RunStore store;
  private final RunQueue queue;
  private final Stock stock;
  private final PoolerRoutes poolers;
  private final RequestLimits limits;

  RunRoutes(
      Vertx vertx,
      RunStore store,
      RunQueue queue,
      Stock stock,
      PoolerRoutes poolers,
      RequestLimits limits) {
    this.vertx = vertx;
    this.store = store;
    this.queue = queue;
    this.stock = stock;
    this.poolers = poolers;
    this.limits = limits;
  }

  void create(RoutingContext context) {
    RunRequest request =
        RunRequest.of(
            validated(context).getBody().getJsonObject(), limits.runTimeout().toSeconds());
    if (!Unicode.isWellFormed(request.pooler() + '\n' + request.dataset())) {
      throw ApiException.invalid("expected text, found one half of a surrogate pair alone");
    }
    if (request.machine() != null && !Unicode.isWellFormed(request.machine())) {
      throw ApiException.invalid("expected text, found one half of a surrogate pair alone");
    }
    needs(request)
        .compose(needs -> submit(request, needs))
        .onSuccess(run -> accepted(context, run))
        .onFailure(context::fail);
  }

  /** What the names stand for now; fails where they stand for nothing. */
  private Future<Needs> needs(RunRequest request) {
    return stock
        .dataset(request.dataset())
        .compose(
            data ->
                data.isPresent()
                    ? Future.succeededFuture(data.get().sha256().orElse(null))
                    : Future.failedFuture(
                        ApiException.invalid(
                            String.format(
                                Locale.ROOT,
                                "dataset: expected one that GET /datasets lists, found '%s'",
                                request.dataset()))))
        .compose(
            data ->
                poolers
                    .check(request.pooler())
                    .map(pooler -> new Needs(data, pooler.orElse(null))));
  }

  private Future<RunStore.Waiting> submit(RunRequest request, Needs needs) {
    return queue.full()
        ? Future.failedFuture(
            ApiException.overloaded(
                String.format(Locale.ROOT, "expected at most %d runs to wait", limits.maxQueued())))
        : queue.submit(request, needs);
  }

  private void accepted(RoutingContext context, RunStore.Waiting waiting) {
    Run run = waiting.run();
    context.response().putHeader("Location", "/runs/" + run.id());
    Json.answer(
        context,
        202,
        new JsonObject()
            .put("id", run.id())
            .put("status", RunStatus.QUEUED.text())
            .put("position", waiting.position())
            .put("obstacle", waiting.obstacle()));
  }

  void list(RoutingContext context) {
    ValidatedRequest request = validated(context);
    int limit = number(request, "limit").orElse(50L).intValue();
    long before = number(request, "next_page_token").orElse(Long.MAX_VALUE);
    store
        .list(filter(Query.of(context)), limit + 1, before)
        .onSuccess(page -> Json.answer(context, 200, page(page, limit)))
        .onFailure(context::fail);
  }

  private static RunFilter filter(Query query) {
    return new RunFilter(
        query.value("q").filter(text -> !text.isBlank()),
        query.value("status").map(RunRoutes::statuses).orElse(List.of()),
        query.readings("dataset"),
        query.value("tag"));
  }

  private static List<RunStatus> statuses(String name) {
    return name.equals("ended")
        ? Stream.of(RunStatus.values()).filter(RunStatus::ended).toList()
        : List.of(RunStatus.of(name));
  }

  /**
   * @param found one more than fit on the page, where there are so many
   */
  private static JsonObject page(List<Run> found, int limit) {
    List<Run> page = found.subList(0, Math.min(limit, found.size()));
    JsonArray runs = new JsonArray();
    page.forEach(run -> runs.add(run.summary()));
    Long next = found.size() > limit ? page.get(page.size() - 1).sequence() : null;
    return new JsonObject().put("runs", runs).put("next_page_token", next);
  }

  void get(RoutingContext context) {
    find(context)
        .compose(this::described)
        .onSuccess(run -> Json.answer(context, 200, run))
        .onFailure(context::fail);
  }

  private Future<JsonObject> described(Run run) {
    JsonObject json =
        run.toJson()
            .put("progress", queue.progress(run).orElse(null))
            .put("history", queue.history(run).orElse(null));
    return run.status() == RunStatus.QUEUED
        ? queue
            .waiting(run)
            .map(
                waiting ->
                    json.put("position", waiting.position()).put("obstacle", waiting.obstacle()))
        : Future.succeededFuture(json);
  }

  /** What people write beside a run. */
  void describe(RoutingContext context) {
    JsonObject change = validated(context).getBody().getJsonObject();
    if (!Unicode.isWellFormed(change.encode())) {
      throw ApiException.invalid("expected text, found one half of a surrogate pair alone");
    }
    find(context)
        .compose(run -> store.describe(run.id(), change))
        .compose(run -> run.map(Future::succeededFuture).orElseGet(() -> noRun(context)))
        .compose(this::described)
        .onSuccess(run -> Json.answer(context, 200, run))
        .onFailure(context::fail);
  }

  /** Ends a run that goes on, or deletes one that has ended. */
  void cancelOrPurge(RoutingContext context) {
    if (Query.of(context).value("purge").filter("true"::equals).isPresent()) {
      purge(context);
    } else {
      cancel(context);
    }
  }

  private void purge(RoutingContext context) {
    find(context)
        .compose(
            run ->
                store
                    .purge(run.id())
                    .compose(
                        deleted ->
                            deleted
                                ? Future.succeededFuture(run)
                                : Future.failedFuture(
                                    ApiException.conflict("the run has not ended: cancel it"))))
        .onSuccess(run -> Json.answer(context, 202, new JsonObject().put("id", run.id())))
        .onFailure(context::fail);
  }

  private void cancel(RoutingContext context) {
    find(context)
        .compose(
            run ->
                queue
                    .cancel(run)
                    .compose(
                        found ->
                            found
                                ? Future.succeededFuture(run)
                                : Future.failedFuture(
                                    ApiException.conflict("the run has already ended"))))
        .onSuccess(run -> Json.answer(context, 202, new JsonObject().put("id", run.id())))
        .onFailure(context::fail);
  }

  void pairs(RoutingContext context) {
    find(context)
        .compose(run -> store.pairScores(run.id()))
        .compose(
            csv ->
                csv.isPresent()
                    ? sendCsv(context, csv.get())
                    : Future.failedFuture(
                        ApiException.conflict("only a run that is done has pairs")))
        .onFailure(context::fail);
  }

  private Future<Void> sendCsv(RoutingContext context, byte[] gzipped) {
    HttpServerResponse response = context.response();
    response
        .putHeader("Content-Type", "text/csv; charset=utf-8")
        .putHeader("Vary", "Accept-Encoding");
    if (takesGzip(context)) {
      return response.putHeader("Content-Encoding", "gzip").end(Buffer.buffer(gzipped));
    }
    return vertx
        .executeBlocking(() -> Buffer.buffer(unzipped(gzipped)), false)
        .compose(response::end);
  }

  /** Named with a weight above zero, or else any coding is. */
  private static boolean takesGzip(RoutingContext context) {
    List<ParsedHeaderValue> accepted = context.parsedHeaders().acceptEncoding();
    return Stream.of("gzip", "*")
        .flatMap(name -> accepted.stream().filter(v -> v.value().equalsIgnoreCase(name)))
        .findFirst()
        .filter(value -> value.weight() > 0)
        .isPresent();
  }

  private static byte[] unzipped(byte[] gzipped) throws IOException {
    try (GZIPInputStream unzipped = new GZIPInputStream(new ByteArrayInputStream(gzipped))) {
      return unzipped.readAllBytes();
    }
  }

  void leaderboard(RoutingContext context) {
    Query query = Query.of(context);
    List<String> named = query.readings("dataset");
    store
        .leaderboard(
            new Leaderboard.Wanted(
                named.isEmpty() || named.get(0).isEmpty() ? List.of(Datasets.SAMPLE) : named,
                query.value("sha256"),
                number(validated(context), "batch_size").map(Long::intValue),
                query.value("protocol"),
                query.value("machine")))
        .onSuccess(board -> Json.answer(context, 200, LeaderboardJson.of(board)))
        .onFailure(context::fail);
  }

  void datasets(RoutingContext context) {
    stock
        .datasetNames()
        .map(RunRoutes::listed)
        .onSuccess(list -> Json.answer(context, 200, new JsonObject().put("datasets", list)))
        .onFailure(context::fail);
  }

  /** The sample comes first. */
  private static JsonArray listed(List<String> names) {
    JsonArray all = new JsonArray().add(new JsonObject().put("name", Datasets.SAMPLE));
    names.forEach(name -> all.add(new JsonObject().put("name", name)));
    return all;
  }

  /** The run that the path names; fails with 404 where there is none. */
  Future<Run> find(RoutingContext context) {
    String id = context.pathParam("id");
    Future<Optional<Run>> found =
        Run.isId(id) ? store.find(id) : Future.succeededFuture(Optional.empty());
    return found.compose(run -> run.map(Future::succeededFuture).orElseGet(() -> noRun(context)));
  }

  private static Future<Run> noRun(RoutingContext context) {
    return Future.failedFuture(
        ApiException.notFound(String.format(Locale.ROOT, "no run '%s'", context.pathParam("id"))));
  }

  /** Many may watch one run at once: those that go on are known here. */
  Future<Run> findToWatch(RoutingContext context) {
    return queue
        .open(context.pathParam("id"))
        .map(Future::succeededFuture)
        .orElseGet(() -> find(context));
  }

  private static ValidatedRequest validated(RoutingContext context) {
    return context.get(RouterBuilder.KEY_META_DATA_VALIDATED_REQUEST);
  }

  private static Optional<Long> number(ValidatedRequest request, String name) {
    return Optional.ofNullable(request.getQuery().get(name))
        .filter(found -> !found.isEmpty())
        .map(RequestParameter::getLong);
  }
}
