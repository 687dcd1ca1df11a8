package dev.poolmark.server.http;

import dev.poolmark.evaluator.worker.WorkerEvent;
import dev.poolmark.evaluator.worker.WorkerRequest;
import dev.poolmark.server.lane.LaneQueue;
import dev.poolmark.server.run.Models;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.RoutingContext;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/** Which poolers there are. A lane looks, since looking runs the plugins' code. */
final class PoolerRoutes {

  private final LaneQueue desk;
  private Future<JsonObject> listing;

  PoolerRoutes(LaneQueue desk) {
    this.desk = desk;
  }

  /** Looks ahead of the first who asks. */
  void warm() {
    listing();
  }

  void list(RoutingContext context) {
    answer(context, listing());
  }

  void rescan(RoutingContext context) {
    listing = null;
    answer(context, listing());
  }

  private static void answer(RoutingContext context, Future<JsonObject> listing) {
    listing
        .onSuccess(poolers -> Json.answer(context, 200, poolers))
        .onFailure(failure -> context.fail(ApiException.unavailable(failure.getMessage())));
  }

  /** As of the last scan; a scan that failed is not kept. */
  private Future<JsonObject> listing() {
    if (listing == null || listing.failed()) {
      listing =
          desk.ask(new WorkerRequest.Poolers())
              .compose(
                  answer ->
                      answer instanceof WorkerEvent.Listed listed
                          ? Future.succeededFuture(new JsonObject(listed.catalog().toString()))
                          : Future.failedFuture(answer.toString()));
    }
    return listing;
  }

  /** Refuses a spec whose pooler is not installed; its options are checked by the run. */
  Future<Void> check(String spec) {
    if (Models.namesFile(spec)) {
      return Future.succeededFuture();
    }
    String name = spec.split(":", 2)[0];
    return listing()
        .compose(
            poolers ->
                names(poolers).contains(name)
                    ? Future.succeededFuture()
                    : Future.failedFuture(
                        ApiException.invalid(
                            String.format(
                                Locale.ROOT,
                                "pooler: expected one that GET /poolers lists, found '%s'",
                                name))));
  }

  private static Set<String> names(JsonObject listing) {
    return listing.getJsonArray("poolers").stream()
        .map(pooler -> ((JsonObject) pooler).getString("name"))
        .collect(Collectors.toSet());
  }
}
