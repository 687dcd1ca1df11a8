package dev.poolmark.server.http;

import dev.poolmark.api.PoolerOption;
import dev.poolmark.api.PoolerOptions;
import dev.poolmark.evaluator.plugin.BadSpecException;
import dev.poolmark.evaluator.plugin.PoolerSpec;
import dev.poolmark.evaluator.worker.WorkerEvent;
import dev.poolmark.evaluator.worker.WorkerRequest;
import dev.poolmark.server.http.answer.ApiException;
import dev.poolmark.server.http.answer.Json;
import dev.poolmark.server.lane.LaneQueue;
import dev.poolmark.server.stock.Models;
import dev.poolmark.server.stock.Stock;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.RoutingContext;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Which poolers there are. A lane looks, since looking runs the plugins' code. */
final class PoolerRoutes {

  /** The contest's; which options there are doesn't depend on it. */
  private static final int DIM = 768;

  /** A plugin that isn't loaded after this may never be, which the lane finds out in its time. */
  private static final long STALLED_MILLIS = 2500;

  private final Vertx vertx;
  private final LaneQueue desk;
  private final Models models;
  private final Stock stock;
  private @Nullable Future<JsonObject> listing;
  private @Nullable Future<JsonObject> rescan;
  private Promise<Void> stalled = Promise.promise();

  /** Timers count from 0, so 0 would be somebody else's. */
  private long stallTimer = -1;

  PoolerRoutes(Vertx vertx, LaneQueue desk, Models models, Stock stock) {
    this.vertx = vertx;
    this.desk = desk;
    this.models = models;
    this.stock = stock;
  }

  /** Looks ahead of the first who asks. */
  void warm() {
    listing();
  }

  void list(RoutingContext context) {
    answer(context, listing());
  }

  /** One scan goes on and one waits at most, however many ask: who comes now is served by that. */
  void rescan(RoutingContext context) {
    if (listing == null || listing.isComplete()) {
      answer(context, scan());
      return;
    }
    if (rescan == null) {
      rescan =
          listing.transform(
              before -> {
                rescan = null;
                return scan();
              });
    }
    answer(context, rescan);
  }

  private static void answer(RoutingContext context, Future<JsonObject> listing) {
    listing
        .onSuccess(poolers -> Json.answer(context, 200, poolers))
        .onFailure(
            failure ->
                context.fail(ApiException.unavailable(String.valueOf(failure.getMessage()))));
  }

  /** As of the last scan; a scan that failed is not kept. */
  Future<JsonObject> listing() {
    return listing == null || listing.failed() ? scan() : listing;
  }

  private Future<JsonObject> scan() {
    stalled = Promise.promise();
    listing =
        desk.ask(new WorkerRequest.Poolers(), this::watchLoading)
            .onComplete(
                answer -> {
                  vertx.cancelTimer(stallTimer);
                  stalled = Promise.promise();
                })
            .compose(
                answer ->
                    answer instanceof WorkerEvent.Listed listed
                        ? Future.succeededFuture(new JsonObject(listed.catalog().toString()))
                        : Future.failedFuture(answer.toString()));
    return listing;
  }

  private void watchLoading(WorkerEvent event) {
    if (event instanceof WorkerEvent.Loading) {
      vertx.cancelTimer(stallTimer);
      stallTimer = vertx.setTimer(STALLED_MILLIS, late -> stalled.tryComplete());
    }
  }

  /**
   * Refuses a spec whose pooler or model no node has, or that has no such options. While a plugin
   * holds up the look at all of them, any name is taken: its run will tell.
   *
   * @return the hash of the model or the plugin, where it is known
   */
  Future<Optional<String>> check(String spec) {
    return Models.namesFile(spec)
        ? stock.model(spec).map(PoolerRoutes::checkModel)
        : checkedUnlessStalled(listing().compose(poolers -> checkNamed(spec, poolers)))
            .compose(checked -> stock.plugin(spec));
  }

  /** The same of what this node itself is to work with at once. */
  Future<Void> checkHere(String spec) {
    return Models.namesFile(spec)
        ? vertx
            .executeBlocking(() -> models.locate(spec), false)
            .map(place -> checkModel(place.map(found -> new Stock.Named(Optional.empty()))))
            .mapEmpty()
        : checkedUnlessStalled(listing().map(poolers -> checkNamedHere(spec, poolers)));
  }

  private Future<Void> checkedUnlessStalled(Future<Void> check) {
    Promise<Void> first = Promise.promise();
    stalled.future().onSuccess(late -> first.tryComplete());
    check.onSuccess(known -> first.tryComplete()).onFailure(first::tryFail);
    return first.future();
  }

  private static Optional<String> checkModel(Optional<Stock.Named> model) {
    return model
        .orElseThrow(
            () ->
                ApiException.invalid(
                    "pooler: expected a pooler's name or a model that GET /info lists, found"
                        + " another"))
        .sha256();
  }

  /** A pooler that this node doesn't have may be one of another's. */
  private Future<Void> checkNamed(String spec, JsonObject listing) {
    String name = spec.split(":", 2)[0];
    return listed(name, listing).isPresent()
        ? Future.succeededFuture(checkNamedHere(spec, listing))
        : stock
            .poolerElsewhere(name)
            .map(
                elsewhere ->
                    checkNamedHere(
                        spec,
                        new JsonObject()
                            .put("poolers", new JsonArray(elsewhere.stream().toList()))));
  }

  private static Optional<JsonObject> listed(String name, JsonObject listing) {
    return listing.getJsonArray("poolers").stream()
        .map(JsonObject.class::cast)
        .filter(pooler -> pooler.getString("name").equals(name))
        .findFirst();
  }

  private static Void checkNamedHere(String spec, JsonObject listing) {
    try {
      PoolerSpec.Named named = PoolerSpec.named(spec);
      PoolerOptions.of(options(named.name(), listing), named.options(), DIM);
      return null;
    } catch (BadSpecException e) {
      throw ApiException.invalid(String.valueOf(e.getMessage()));
    } catch (IllegalArgumentException e) {
      throw ApiException.invalid(
          String.format(Locale.ROOT, "pooler '%s': %s", spec, e.getMessage()));
    }
  }

  private static List<PoolerOption> options(String name, JsonObject listing) {
    JsonObject listed =
        listed(name, listing)
            .orElseThrow(
                () ->
                    ApiException.invalid(
                        String.format(
                            Locale.ROOT,
                            "pooler: expected one that GET /poolers lists, found '%s'",
                            name)));
    return listed.getJsonArray("options").stream()
        .map(option -> option((JsonObject) option))
        .toList();
  }

  private static PoolerOption option(JsonObject listed) {
    JsonArray allowed = listed.getJsonArray("allowed");
    return new PoolerOption(
        listed.getString("name"),
        PoolerOption.Type.valueOf(listed.getString("type").toUpperCase(Locale.ROOT)),
        listed.getString("default"),
        allowed.stream().map(String.class::cast).toList(),
        listed.getString("help"));
  }
}
