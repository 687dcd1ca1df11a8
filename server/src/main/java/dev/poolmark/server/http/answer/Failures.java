package dev.poolmark.server.http.answer;

import dev.poolmark.server.store.StoreOutage;
import io.vertx.core.Handler;
import io.vertx.core.http.HttpClosedException;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.DecodeException;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.HttpException;
import io.vertx.json.schema.OutputUnit;
import io.vertx.openapi.validation.SchemaValidationException;
import io.vertx.openapi.validation.ValidatorException;
import java.io.IOException;
import java.util.Comparator;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Turns whatever went wrong in a route into an answer. */
public final class Failures implements Handler<RoutingContext> {

  private static final Logger LOG = LoggerFactory.getLogger(Failures.class);

  /** A body that nobody wants is still read if it is this short, so its sender sees the answer. */
  private static final long MAX_UNWANTED_BYTES = 16 << 20;

  /** As much is read of one that is longer, or doesn't say how long it is. */
  private static final long MAX_BYTES_OF_LONG = 1 << 20;

  private final BooleanSupplier ending;
  private final Function<String, Set<String>> methods;

  /**
   * @param ending whether the server is about to end, when much fails that else would not
   * @param methods what a path can be asked with; empty where nothing is there
   */
  public Failures(BooleanSupplier ending, Function<String, Set<String>> methods) {
    this.ending = ending;
    this.methods = methods;
  }

  @Override
  public void handle(RoutingContext context) {
    if (isOfAClientThatIsGone(context)) {
      context.request().connection().close();
      return; // nobody waits for an answer any more
    }
    ApiException error = error(context);
    if (context.response().headWritten()) {
      context.request().connection().close();
      return;
    }
    if (error.status() == 401) {
      context.response().putHeader("WWW-Authenticate", "Bearer");
    } else if (error.status() == 405) {
      String allowed = String.join(", ", new TreeSet<>(methods.apply(context.request().path())));
      context.response().putHeader("Allow", allowed);
    }
    if (error.status() == 429 || error.status() == 503) {
      context.response().putHeader("Retry-After", "5");
    }
    Json.answer(context, error.status(), error.toJson(context.request().path()));
    readOn(context.request());
  }

  /** A file on its way to the client fails with the system's own words. */
  private static boolean isOfAClientThatIsGone(RoutingContext context) {
    Throwable failure = context.failure();
    return failure instanceof HttpClosedException
        || failure instanceof IOException
            && context.response().headWritten()
            && message(failure).matches("Broken pipe|Connection reset.*");
  }

  /** A client that is still sending must not find the connection closed before the answer. */
  private static void readOn(HttpServerRequest request) {
    if (!request.isEnded()) {
      long announced = announcedBytes(request);
      boolean isShort = announced >= 0 && announced <= MAX_UNWANTED_BYTES;
      long[] left = {isShort ? MAX_UNWANTED_BYTES : MAX_BYTES_OF_LONG};
      request
          .handler(
              data -> {
                left[0] -= data.length();
                if (left[0] < 0) {
                  request.connection().close();
                }
              })
          .resume();
    }
  }

  private static long announcedBytes(HttpServerRequest request) {
    String length = request.getHeader("Content-Length");
    try {
      return length == null ? -1 : Long.parseLong(length);
    } catch (NumberFormatException e) {
      return -1;
    }
  }

  private ApiException error(RoutingContext context) {
    Throwable failure = context.failure();
    if (failure instanceof HttpException wrapped && wrapped.getCause() != null) {
      failure = wrapped.getCause();
    }
    if (failure instanceof ApiException known) {
      return known;
    } else if (failure instanceof StoreOutage outage) {
      String what = outage.full() ? "the database has no room: " : "the database is away: ";
      return ApiException.unavailable(what + outage.getMessage());
    } else if (failure instanceof SchemaValidationException schema) {
      return ApiException.invalid(detail(schema));
    } else if (failure instanceof ValidatorException invalid) {
      return message(invalid).contains("path parameter") ? nothingAt(context) : byType(invalid);
    } else if (failure instanceof DecodeException) {
      return ApiException.malformed(message(failure));
    } else if (isFullDisk(failure)) {
      return fullDisk();
    }
    return byStatus(context, failure);
  }

  /**
   * What a worker's own fault is told as. Its words are for the log: they name classes and files.
   */
  public static ApiException ofWorker(String error) {
    if (tellsOfFullDisk(error)) {
      return fullDisk();
    }
    LOG.error("a worker failed: {}", error);
    return ApiException.unavailable("a worker of the server failed; the server's log has it");
  }

  private static ApiException fullDisk() {
    return ApiException.unavailable("the server's disk is full");
  }

  private static String message(Throwable failure) {
    return String.valueOf(failure.getMessage());
  }

  private static boolean isFullDisk(@Nullable Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof IOException && tellsOfFullDisk(message(cause))) {
        return true;
      }
    }
    return false;
  }

  /** As Linux, macOS and Windows say it. */
  private static boolean tellsOfFullDisk(String message) {
    return message.matches("(?is).*(no space left|not enough space|quota exceeded).*");
  }

  private static ApiException nothingAt(RoutingContext context) {
    return ApiException.notFound("nothing is at " + context.request().path());
  }

  private static ApiException notWith(RoutingContext context) {
    return ApiException.methodNotAllowed(
        String.format(
            Locale.ROOT,
            "%s can't be used at %s",
            context.request().method(),
            context.request().path()));
  }

  private static ApiException byType(ValidatorException failure) {
    return switch (failure.type()) {
      case UNSUPPORTED_VALUE_FORMAT -> ApiException.unsupportedMedia(message(failure));
      case INVALID_VALUE -> ApiException.invalid(message(failure));
      default ->
          message(failure).contains("query parameter")
              ? ApiException.invalid(message(failure))
              : ApiException.malformed(message(failure));
    };
  }

  private ApiException byStatus(RoutingContext context, @Nullable Throwable failure) {
    switch (context.statusCode()) {
      case 400:
        return ApiException.malformed(failure == null ? "bad request" : message(failure));
      case 404:
        return methods.apply(context.request().path()).isEmpty()
            ? nothingAt(context)
            : notWith(context);
      case 405:
        return notWith(context);
      case 413:
        return ApiException.tooLarge("the body is larger than this route takes");
      case 415:
        return ApiException.unsupportedMedia("expected the media type that the contract names");
      default:
        if (ending.getAsBoolean()) {
          return ApiException.ending();
        }
        LOG.error("{} {}", context.request().method(), context.request().path(), failure);
        return ApiException.internal();
    }
  }

  /** The innermost error names the value; the checker wraps it in others that only say so again. */
  private static String detail(SchemaValidationException failure) {
    OutputUnit output = failure.getOutputUnit();
    if (output == null || output.getErrors() == null) {
      return message(failure);
    }
    return output.getErrors().stream()
        .max(
            Comparator.<OutputUnit, Boolean>comparing(error -> !ofUnknownProperty(error))
                .thenComparingInt(error -> error.getKeywordLocation().length()))
        .map(error -> place(error.getInstanceLocation()) + words(error))
        .orElse(message(failure));
  }

  /** A known property whose value is wrong is told as one, too. */
  private static boolean ofUnknownProperty(OutputUnit error) {
    return error.getKeywordLocation().endsWith("/additionalProperties");
  }

  /** {@code #/tags/1} as {@code tags, 1: }; nothing for the body as a whole. */
  private static String place(String location) {
    String path = location.replaceFirst("^#/?", "").replace("/", ", ");
    return path.isEmpty() ? "" : path + ": ";
  }

  private static String words(OutputUnit error) {
    if (ofUnknownProperty(error)) {
      return "expected only properties that the contract has";
    }
    return error
        .getError()
        .replaceFirst("^Instance does not match any of (.*)$", "expected one of $1")
        .replaceFirst("^Instance does not have required property", "expected the property")
        .replaceFirst(
            "^Instance type (\\w+) is invalid[.] Expected (.*)$", "expected $2, found $1");
  }
}
