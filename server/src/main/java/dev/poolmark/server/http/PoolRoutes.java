package dev.poolmark.server.http;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import dev.poolmark.server.http.text.TextRoutes;
import dev.poolmark.server.lane.LaneQueue;
import dev.poolmark.server.run.Models;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.file.FileSystem;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.RoutingContext;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Function;

/**
 * Pools token embeddings that a client has. The body streams into a file, a lane maps that file and
 * writes another, and that is sent: however large, neither is ever in the server's memory.
 */
final class PoolRoutes {

  private static final String JSON = "application/json";
  private static final JsonFactory PARSERS = new JsonFactory();

  /** The keys of a body about texts. */
  private static final Set<String> TEXT_KEYS = Set.of("inputs", "parameters");

  private static final String SAFETENSORS = "application/octet-stream";

  private final Vertx vertx;
  private final LaneQueue desk;
  private final Models models;
  private final PoolerRoutes poolers;
  private final TextRoutes texts;
  private final RequestLimits limits;
  private final Path scratch;
  private long count;
  private long bytes;
  private long sentences;

  PoolRoutes(
      Vertx vertx,
      LaneQueue desk,
      Models models,
      PoolerRoutes poolers,
      TextRoutes texts,
      RequestLimits limits,
      Path scratch) {
    this.vertx = vertx;
    this.desk = desk;
    this.models = models;
    this.poolers = poolers;
    this.texts = texts;
    this.limits = limits;
    this.scratch = scratch;
  }

  void pool(RoutingContext context) {
    String type = mediaType(context);
    if (type.equals(JSON)) {
      JsonObject question = new JsonObject().put("type", "pool").put("format", "json");
      answer(context, work(context, question, JSON));
    } else if (type.equals(SAFETENSORS)) {
      answer(context, poolSafetensors(context));
    } else {
      throw unsupported(List.of(JSON, SAFETENSORS), context);
    }
  }

  private Future<Void> poolSafetensors(RoutingContext context) {
    String spec = context.queryParams().get("pooler");
    if (spec == null || models.locate(spec).isEmpty()) {
      throw ApiException.invalid("expected ?pooler=SPEC with a safetensors body, found " + spec);
    }
    JsonObject question =
        new JsonObject().put("type", "pool").put("format", "safetensors").put("pooler", spec);
    context.request().pause();
    return poolers.check(spec).compose(known -> work(context, question, SAFETENSORS));
  }

  void similarity(RoutingContext context) {
    if (!mediaType(context).equals(JSON)) {
      throw unsupported(List.of(JSON), context);
    }
    answer(
        context,
        receive(
            context,
            body ->
                vertx
                    .executeBlocking(() -> asksOfTexts(body), false)
                    .compose(
                        ofTexts ->
                            ofTexts
                                ? similarityOfTexts(context, body)
                                : pooled(
                                    context,
                                    new JsonObject().put("type", "similarity"),
                                    JSON,
                                    body))));
  }

  /** The two bodies of one path differ in their first key; what is malformed the lane tells. */
  private static boolean asksOfTexts(Path body) throws IOException {
    try (JsonParser json = PARSERS.createParser(body.toFile())) {
      json.nextToken();
      String key = json.nextFieldName();
      return key != null && TEXT_KEYS.contains(key);
    } catch (JsonProcessingException e) {
      return false;
    }
  }

  private Future<Void> similarityOfTexts(RoutingContext context, Path body) {
    FileSystem files = vertx.fileSystem();
    return files
        .props(body.toString())
        .compose(
            file ->
                file.size() > RequestLimits.TEXT_BODY_BYTES
                    ? Future.failedFuture(tooLarge())
                    : files.readFile(body.toString()))
        .compose(
            text -> {
              texts.similarity(context, text);
              return Future.succeededFuture();
            });
  }

  private static void answer(RoutingContext context, Future<Void> answered) {
    answered.onFailure(context::fail);
  }

  private static String mediaType(RoutingContext context) {
    String type = context.request().getHeader("Content-Type");
    return type == null ? "" : type.split(";", 2)[0].strip().toLowerCase(Locale.ROOT);
  }

  private static ApiException unsupported(List<String> expected, RoutingContext context) {
    return ApiException.unsupportedMedia(
        String.format(
            Locale.ROOT,
            "expected Content-Type %s, found '%s'",
            String.join(" or ", expected),
            mediaType(context)));
  }

  private Future<Void> work(RoutingContext context, JsonObject question, String answerType) {
    return desk.full()
        ? Future.failedFuture(overloaded())
        : receive(context, body -> pooled(context, question, answerType, body));
  }

  private static ApiException overloaded() {
    return ApiException.overloaded("too many bodies wait to be pooled");
  }

  /** Puts the body into a file, which is there as long as it is used. */
  private Future<Void> receive(RoutingContext context, Function<Path, Future<Void>> use) {
    count++;
    Path body = scratch.resolve(String.format(Locale.ROOT, "pool-%d.in", count));
    return receive(context.request(), body)
        .compose(received -> use.apply(body))
        .onComplete(used -> vertx.fileSystem().delete(body.toString()));
  }

  private Future<Void> pooled(
      RoutingContext context, JsonObject question, String answerType, Path body) {
    if (desk.full()) {
      return Future.failedFuture(overloaded());
    }
    Path output = Path.of(body + ".out");
    question
        .put("models", models.places())
        .put("input", body.toString())
        .put("output", output.toString());
    return ask(question)
        .compose(pooled -> send(context, pooled, answerType, output))
        .onComplete(sent -> vertx.fileSystem().delete(output.toString()));
  }

  private Future<Void> receive(HttpServerRequest request, Path file) {
    request.pause();
    if (announcedBytes(request) > limits.maxBodyBytes()) {
      return Future.failedFuture(tooLarge());
    }
    return BodyFile.open(vertx, file, limits.maxBodyBytes(), PoolRoutes::tooLarge)
        .compose(
            body ->
                request
                    .pipe()
                    .endOnFailure(false)
                    .to(body)
                    .eventually(body::close)
                    .onComplete(received -> bytes += body.taken()));
  }

  private static long announcedBytes(HttpServerRequest request) {
    try {
      String length = request.getHeader("Content-Length");
      return length == null ? 0 : Long.parseLong(length);
    } catch (NumberFormatException e) {
      throw ApiException.malformed("expected a Content-Length that is a number");
    }
  }

  private static ApiException tooLarge() {
    return ApiException.tooLarge("the body is larger than this server takes; see GET /info");
  }

  private Future<JsonObject> ask(JsonObject question) {
    return desk.ask(question)
        .recover(fault -> Future.failedFuture(ApiException.unavailable(fault.getMessage())))
        .compose(PoolRoutes::checked);
  }

  private static Future<JsonObject> checked(JsonObject answer) {
    if (answer.getString("type").equals("pooled")) {
      return Future.succeededFuture(answer);
    }
    String error = answer.getString("error");
    return Future.failedFuture(
        switch (answer.getString("fault")) {
          case "malformed" -> ApiException.malformed(error);
          case "lane" -> ApiException.unavailable(error);
          default -> ApiException.invalid(error);
        });
  }

  private Future<Void> send(
      RoutingContext context, JsonObject pooled, String type, Path embeddings) {
    sentences += pooled.getLong("sentences");
    return context
        .response()
        .putHeader("Content-Type", type)
        .putHeader("X-Pooling-Seconds", pooled.getDouble("seconds").toString())
        .sendFile(embeddings.toString());
  }

  /** How many bytes of token embeddings came in. */
  long bytes() {
    return bytes;
  }

  /** How many sentences were pooled. */
  long sentences() {
    return sentences;
  }
}
