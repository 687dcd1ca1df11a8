package dev.poolmark.server.http.page;

import dev.poolmark.server.run.Models;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * What stands beside the models: the report of the tuning that one comes from, and how its training
 * went. A model is a trained one's folder, or the folder that {@code tune} wrote.
 */
public final class ModelPages {

  /** The report has its style in it, and loads nothing. */
  private static final String POLICY = "default-src 'none'; style-src 'unsafe-inline'";

  private static final int NOT_FOUND = 404;

  private final Models models;

  private ModelPages(Models models) {
    this.models = models;
  }

  public static void mount(Router router, Models models) {
    ModelPages pages = new ModelPages(models);
    router.get("/models/:name/report.html").blockingHandler(pages::report, false);
    router.get("/models/:name/training").blockingHandler(pages::training, false);
  }

  private void report(RoutingContext context) {
    Optional<String> html = text(context, "report.html");
    if (html.isEmpty()) {
      context.fail(NOT_FOUND);
      return;
    }
    context
        .response()
        .putHeader("Content-Security-Policy", POLICY)
        .putHeader("Content-Type", "text/html; charset=utf-8")
        .end(html.get());
  }

  private void training(RoutingContext context) {
    Optional<JsonObject> training =
        text(context, "pooler.json")
            .or(() -> text(context, "best/pooler.json"))
            .flatMap(ModelPages::training);
    if (training.isEmpty()) {
      context.fail(NOT_FOUND);
      return;
    }
    context.response().putHeader("Content-Type", "application/json").end(training.get().encode());
  }

  /** The account of the training, which may be missing where somebody wrote the file by hand. */
  private static Optional<JsonObject> training(String pooler) {
    try {
      JsonObject model = new JsonObject(pooler);
      return Optional.ofNullable(model.getJsonObject("training"))
          .map(account -> account.copy().put("spec", model.getString("spec")));
    } catch (DecodeException | ClassCastException e) {
      return Optional.empty();
    }
  }

  private Optional<String> text(RoutingContext context, String file) {
    Path folder = models.places().get("models/" + context.pathParam("name"));
    try {
      return folder == null || !Files.isRegularFile(folder.resolve(file))
          ? Optional.empty()
          : Optional.of(Files.readString(folder.resolve(file)));
    } catch (IOException e) {
      return Optional.empty();
    }
  }
}
