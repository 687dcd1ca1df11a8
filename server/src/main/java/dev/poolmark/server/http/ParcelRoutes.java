package dev.poolmark.server.http;

import dev.poolmark.server.http.answer.ApiException;
import dev.poolmark.server.http.answer.Failures;
import dev.poolmark.server.http.answer.Json;
import dev.poolmark.server.stock.Parcels;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What nodes send each other. Not of the contract: both ends are Poolmark. */
final class ParcelRoutes {

  private static final String HASH = ":sha256";
  private static final Pattern FROM = Pattern.compile("bytes=(\\d{1,18})-");

  private final Vertx vertx;
  private final Parcels parcels;

  ParcelRoutes(Vertx vertx, Parcels parcels) {
    this.vertx = vertx;
    this.parcels = parcels;
  }

  void mount(Router router, Failures failures) {
    router.get("/" + Parcels.PATH + HASH).handler(this::parcel).failureHandler(failures);
    router.get("/" + Parcels.FILES_PATH + HASH).handler(this::file).failureHandler(failures);
  }

  private static String hash(RoutingContext context) {
    String sha256 = context.pathParam("sha256");
    if (!Parcels.isSha256(sha256)) {
      throw nothing(sha256);
    }
    return sha256;
  }

  private static ApiException nothing(String sha256) {
    return ApiException.notFound(
        String.format(Locale.ROOT, "this node has nothing of sha256 '%s'", sha256));
  }

  private void parcel(RoutingContext context) {
    String sha256 = hash(context);
    vertx
        .executeBlocking(() -> parcels.find(sha256), false)
        .onSuccess(answer -> answer(context, sha256, answer))
        .onFailure(context::fail);
  }

  private static void answer(RoutingContext context, String sha256, Parcels.Answer answer) {
    if (answer instanceof Parcels.Ready ready) {
      Json.answer(context, 200, ready.parcel());
    } else if (answer instanceof Parcels.Preparing) {
      Json.answer(context, 202, new JsonObject().put("status", "preparing"));
    } else {
      context.fail(nothing(sha256));
    }
  }

  private void file(RoutingContext context) {
    String sha256 = hash(context);
    vertx
        .executeBlocking(() -> parcels.file(sha256), false)
        .onSuccess(
            file -> {
              if (file.isPresent()) {
                send(context, sha256, file.get());
              } else {
                context.fail(nothing(sha256));
              }
            })
        .onFailure(context::fail);
  }

  /** All of it, or what is after so many bytes: nodes ask for no other part. */
  private static void send(RoutingContext context, String sha256, Path file) {
    HttpServerResponse response = context.response();
    long bytes;
    try {
      bytes = Files.size(file);
    } catch (IOException e) {
      throw nothing(sha256);
    }
    OptionalLong from = from(context.request().getHeader("Range"));
    response
        .putHeader("Content-Type", "application/octet-stream")
        .putHeader("Accept-Ranges", "bytes")
        .putHeader("ETag", "\"" + sha256 + "\"");
    if (from.isPresent() && from.getAsLong() >= bytes) {
      response.setStatusCode(416).putHeader("Content-Range", "bytes */" + bytes).end();
      return;
    }
    long start = from.orElse(0);
    if (from.isPresent()) {
      response
          .setStatusCode(206)
          .putHeader(
              "Content-Range",
              String.format(Locale.ROOT, "bytes %d-%d/%d", start, bytes - 1, bytes));
    }
    response.sendFile(file.toString(), start, bytes - start).onFailure(context::fail);
  }

  private static OptionalLong from(@Nullable String range) {
    Matcher part = FROM.matcher(range == null ? "" : range.strip());
    return part.matches() ? OptionalLong.of(Long.parseLong(part.group(1))) : OptionalLong.empty();
  }
}
