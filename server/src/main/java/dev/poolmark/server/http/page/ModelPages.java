package dev.poolmark.server.http.page;

import dev.poolmark.server.http.answer.ApiException;
import dev.poolmark.server.http.answer.Json;
import dev.poolmark.server.stock.Models;
import io.vertx.core.Vertx;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.RoutingContext;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Consumer;

/**
 * What stands beside the models: the report of the tuning that one comes from, and how its training
 * went. A model is a trained one's folder, or the folder that {@code tune} wrote.
 */
public final class ModelPages {

  /** The report has its style in it, and loads nothing. */
  private static final String POLICY = "default-src 'none'; style-src 'unsafe-inline'";

  private static final String REPORT = "report.html";

  private final Vertx vertx;
  private final Models models;

  public ModelPages(Vertx vertx, Models models) {
    this.vertx = vertx;
    this.models = models;
  }

  public void report(RoutingContext context) {
    String name = context.pathParam("name");
    read(
        context,
        () -> text(name, REPORT).orElseThrow(() -> none("report of a tuning", name)),
        html ->
            context
                .response()
                .putHeader("Content-Security-Policy", POLICY)
                .putHeader("Content-Type", "text/html; charset=utf-8")
                .end(html));
  }

  public void training(RoutingContext context) {
    String name = context.pathParam("name");
    read(
        context,
        () -> training(name).orElseThrow(() -> none("account of a training", name)),
        training -> Json.answer(context, 200, training));
  }

  private <T> void read(RoutingContext context, Callable<T> reading, Consumer<T> answer) {
    vertx.executeBlocking(reading, false).onSuccess(answer::accept).onFailure(context::fail);
  }

  private static ApiException none(String what, String name) {
    return ApiException.notFound(
        String.format(Locale.ROOT, "no %s beside a model '%s'", what, name));
  }

  private Optional<JsonObject> training(String name) {
    return text(name, "pooler.json")
        .or(() -> text(name, "best/pooler.json"))
        .flatMap(ModelPages::account)
        .map(
            account ->
                account.put(
                    "report",
                    file(name, REPORT)
                        .map(found -> "/models/" + name + "/" + REPORT)
                        .orElse(null)));
  }

  /** The account of the training, which may be missing where somebody wrote the file by hand. */
  private static Optional<JsonObject> account(String pooler) {
    try {
      JsonObject model = new JsonObject(pooler);
      return Optional.ofNullable(model.getJsonObject("training"))
          .map(account -> account.copy().put("spec", model.getString("spec")));
    } catch (DecodeException | ClassCastException e) {
      return Optional.empty();
    }
  }

  private Optional<Path> file(String name, String file) {
    return models
        .find("models/" + name)
        .map(folder -> folder.resolve(file))
        .filter(Files::isRegularFile);
  }

  private Optional<String> text(String name, String file) {
    return file(name, file).flatMap(ModelPages::text);
  }

  private static Optional<String> text(Path file) {
    try {
      return Optional.of(Files.readString(file));
    } catch (IOException e) {
      return Optional.empty();
    }
  }
}
