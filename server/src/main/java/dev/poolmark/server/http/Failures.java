package dev.poolmark.server.http;

import dev.poolmark.server.http.page.LoginPage;
import dev.poolmark.server.http.page.Pages;
import dev.poolmark.server.run.StoreOutage;
import io.vertx.core.Handler;
import io.vertx.core.http.HttpClosedException;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.DecodeException;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.HttpException;
import io.vertx.json.schema.OutputUnit;
import io.vertx.openapi.validation.SchemaValidationException;
import io.vertx.openapi.validation.ValidatorException;
import java.util.Locale;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Turns whatever went wrong in a route into an answer. */
public final class Failures implements Handler<RoutingContext> {

  private static final Logger LOG = LoggerFactory.getLogger(Failures.class);

  @Override
  public void handle(RoutingContext context) {
    if (context.failure() instanceof HttpClosedException) {
      return; // nobody waits for an answer any more
    }
    ApiException error = error(context);
    if (context.response().headWritten()) {
      context.request().connection().close();
      return;
    }
    if (error.status() == 401) {
      context.response().putHeader("WWW-Authenticate", "Bearer");
      if (Pages.asks(context)) {
        LoginPage.send(context, "");
        return;
      }
    }
    if (error.status() == 429 || error.status() == 503) {
      context.response().putHeader("Retry-After", "5");
    }
    boolean openAi = context.request().path().startsWith("/v1/");
    Json.answer(context, error.status(), openAi ? error.toOpenAiJson() : error.toJson());
    readOn(context.request());
  }

  /** A client that is still sending must not find the connection closed before the answer. */
  private static void readOn(HttpServerRequest request) {
    if (!request.isEnded()) {
      request.handler(ignored -> {}).resume();
    }
  }

  private static ApiException error(RoutingContext context) {
    Throwable failure = context.failure();
    if (failure instanceof HttpException wrapped && wrapped.getCause() != null) {
      failure = wrapped.getCause();
    }
    if (failure instanceof ApiException known) {
      return known;
    } else if (failure instanceof StoreOutage outage) {
      return ApiException.unavailable("the database is away: " + outage.getMessage());
    } else if (failure instanceof SchemaValidationException schema) {
      return ApiException.invalid(detail(schema));
    } else if (failure instanceof ValidatorException invalid) {
      return invalid.getMessage().contains("path parameter") ? nothingAt(context) : byType(invalid);
    } else if (failure instanceof DecodeException) {
      return ApiException.malformed(failure.getMessage());
    }
    return byStatus(context, failure);
  }

  private static ApiException nothingAt(RoutingContext context) {
    return ApiException.notFound("nothing is at " + context.request().path());
  }

  private static ApiException byType(ValidatorException failure) {
    return switch (failure.type()) {
      case UNSUPPORTED_VALUE_FORMAT -> ApiException.unsupportedMedia(failure.getMessage());
      case INVALID_VALUE -> ApiException.invalid(failure.getMessage());
      default -> ApiException.malformed(failure.getMessage());
    };
  }

  private static ApiException byStatus(RoutingContext context, Throwable failure) {
    switch (context.statusCode()) {
      case 400:
        return ApiException.malformed(failure == null ? "bad request" : failure.getMessage());
      case 404:
        return nothingAt(context);
      case 405:
        return ApiException.methodNotAllowed(
            String.format(
                Locale.ROOT,
                "%s can't be used at %s",
                context.request().method(),
                context.request().path()));
      case 413:
        return ApiException.tooLarge("the body is larger than this route takes");
      case 415:
        return ApiException.unsupportedMedia("expected the media type that the contract names");
      default:
        LOG.error("{} {}", context.request().method(), context.request().path(), failure);
        return ApiException.internal();
    }
  }

  /** The error that names a value; the checker wraps it in others that say only "no match". */
  private static String detail(SchemaValidationException failure) {
    OutputUnit output = failure.getOutputUnit();
    if (output == null || output.getErrors() == null || output.getErrors().isEmpty()) {
      return failure.getMessage();
    }
    OutputUnit last = output.getErrors().get(output.getErrors().size() - 1);
    return output.getErrors().stream()
        .filter(error -> !error.getError().contains("does not match"))
        .findFirst()
        .map(error -> error.getInstanceLocation() + ": " + error.getError())
        .orElse(last.getInstanceLocation() + ": expected only properties that the contract has");
  }
}
