package dev.poolmark.server.http;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import dev.poolmark.evaluator.worker.WorkerEvent;
import dev.poolmark.evaluator.worker.WorkerRequest;
import dev.poolmark.server.http.answer.ApiException;
import dev.poolmark.server.http.answer.Failures;
import dev.poolmark.server.http.place.Places;
import dev.poolmark.server.http.text.TextRoutes;
import dev.poolmark.server.lane.LaneQueue;
import dev.poolmark.server.stock.Models;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.file.FileSystem;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Pools token embeddings that a client has. The body streams into a file, a lane maps that file and
 * writes another, and that is sent: however large, neither is ever in the server's memory.
 */
final class PoolRoutes {

  private static final String JSON = "application/json";
  private static final JsonFactory PARSERS = new JsonFactory();

  /** The keys of a body about texts. */
  private static final Set<String> TEXT_KEYS = Set.of("inputs", "parameters");

  private static final Set<String> TOKEN_KEYS = Set.of("pooler", "first", "second");

  private static final int MAX_BODIES = 32;
  private static final String SAFETENSORS = "application/octet-stream";

  private final Vertx vertx;
  private final LaneQueue desk;
  private final Models models;
  private final PoolerRoutes poolers;
  private final TextRoutes texts;
  private final RequestLimits limits;
  private final Path scratch;
  private final Places places;
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
    this.places =
        new Places("too many bodies wait to be pooled", MAX_BODIES, 4 * limits.maxBodyBytes());
  }

  /** Before anything is read; what is on the disk is bounded by what may come in. */
  private void takePlace(RoutingContext context) {
    context.request().pause();
    places.take(context, limits.maxBodyBytes());
  }

  void pool(RoutingContext context) {
    takePlace(context);
    String type = mediaType(context);
    if (type.equals(JSON)) {
      answer(context, work(context, question(WorkerRequest.Format.JSON, null), JSON));
    } else if (type.equals(SAFETENSORS)) {
      answer(context, poolSafetensors(context));
    } else {
      throw unsupported(List.of(JSON, SAFETENSORS), context);
    }
  }

  private Future<Void> poolSafetensors(RoutingContext context) {
    String spec = Query.of(context).value("pooler").orElse(null);
    if (spec == null) {
      throw ApiException.invalid("expected ?pooler=SPEC with a safetensors body, found none");
    }
    Question question = question(WorkerRequest.Format.SAFETENSORS, spec);
    return poolers.checkHere(spec).compose(known -> work(context, question, SAFETENSORS));
  }

  void similarity(RoutingContext context) {
    takePlace(context);
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
                                    (in, out) ->
                                        new WorkerRequest.Similarity(models.places(), in, out),
                                    JSON,
                                    body))));
  }

  /** What a lane is to make of a body, in a file of its own. */
  private interface Question extends BiFunction<Path, Path, WorkerRequest.Job> {}

  private Question question(WorkerRequest.Format format, @Nullable String spec) {
    return (input, output) -> new WorkerRequest.Pool(format, spec, models.places(), input, output);
  }

  /** The two bodies of one path differ in their keys; what is malformed the lane tells. */
  private static boolean asksOfTexts(Path body) throws IOException {
    try (JsonParser json = PARSERS.createParser(body.toFile())) {
      json.nextToken();
      String key = json.nextFieldName();
      while (key != null && !TEXT_KEYS.contains(key) && !TOKEN_KEYS.contains(key)) {
        json.nextToken();
        json.skipChildren();
        key = json.nextFieldName();
      }
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
                file.size() > TextRoutes.MAX_BODY_BYTES
                    ? Future.failedFuture(tooLarge())
                    : texts.similarity(context, () -> files.readFile(body.toString())));
  }

  private void answer(RoutingContext context, Future<Void> answered) {
    answered.onFailure(context::fail).onComplete(over -> places.giveBack(context));
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

  private Future<Void> work(RoutingContext context, Question question, String answerType) {
    return receive(context, body -> pooled(context, question, answerType, body));
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
      RoutingContext context, Question question, String answerType, Path body) {
    Path output = Path.of(body + ".out");
    return vertx
        .executeBlocking(() -> question.apply(body, output), false)
        .compose(this::ask)
        .compose(pooled -> ownFile(output).compose(own -> send(context, pooled, answerType, own)))
        .onComplete(sent -> vertx.fileSystem().delete(output.toString()));
  }

  /** A link that a pooler has put there may lead to what its process may not read. */
  private Future<Path> ownFile(Path output) {
    return vertx.executeBlocking(
        () -> {
          if (!Files.isRegularFile(output, LinkOption.NOFOLLOW_LINKS)) {
            throw ApiException.unavailable("the pooler's process left no embeddings");
          }
          return output;
        },
        false);
  }

  private Future<Void> receive(HttpServerRequest request, Path file) {
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

  private static ApiException tooLarge() {
    return ApiException.tooLarge("the body is larger than this server takes; see GET /info");
  }

  private Future<WorkerEvent.Pooled> ask(WorkerRequest.Job question) {
    return desk.ask(question)
        .recover(
            fault ->
                Future.failedFuture(ApiException.unavailable(String.valueOf(fault.getMessage()))))
        .compose(PoolRoutes::checked);
  }

  private static Future<WorkerEvent.Pooled> checked(WorkerEvent.Last answer) {
    if (answer instanceof WorkerEvent.Pooled pooled) {
      return Future.succeededFuture(pooled);
    } else if (answer instanceof WorkerEvent.Failed failed) {
      return Future.failedFuture(
          switch (failed.fault()) {
            case MALFORMED -> ApiException.malformed(failed.error());
            case WORKER -> Failures.ofWorker(failed.error());
            case REQUEST, POOLER -> ApiException.invalid(failed.error());
          });
    }
    return Future.failedFuture(ApiException.unavailable("the server ends"));
  }

  private Future<Void> send(
      RoutingContext context, WorkerEvent.Pooled pooled, String type, Path embeddings) {
    sentences += pooled.sentences();
    return context
        .response()
        .putHeader("Content-Type", type)
        .putHeader("X-Pooling-Seconds", Double.toString(pooled.seconds()))
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
