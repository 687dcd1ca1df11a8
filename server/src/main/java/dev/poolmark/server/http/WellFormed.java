package dev.poolmark.server.http;

import dev.poolmark.server.http.answer.ApiException;
import io.netty.handler.codec.TooLongFrameException;
import io.vertx.core.Handler;
import io.vertx.core.http.HttpServerRequest;
import java.util.Locale;

/** Lets through only requests whose address and body are written as this server reads them. */
final class WellFormed implements Handler<HttpServerRequest> {

  private final Handler<HttpServerRequest> next;

  WellFormed(Handler<HttpServerRequest> next) {
    this.next = next;
  }

  @Override
  public void handle(HttpServerRequest request) {
    try {
      checkAddress(request);
      checkCoding(request);
    } catch (ApiException e) {
      answer(request, e, !request.isEnded());
      return;
    }
    next.handle(request);
  }

  private static void checkAddress(HttpServerRequest request) {
    PercentEncoding.decode(request.path() == null ? "" : request.path());
    PercentEncoding.decode(request.query() == null ? "" : request.query());
  }

  private static void checkCoding(HttpServerRequest request) {
    String coding = request.getHeader("Content-Encoding");
    if (coding != null && !coding.strip().equalsIgnoreCase("identity")) {
      throw ApiException.unsupportedMedia(
          String.format(
              Locale.ROOT, "expected a body without Content-Encoding, found '%s'", coding));
    }
  }

  /** Answers what is no HTTP, or is framed so that it may be read otherwise elsewhere. */
  static void refuse(HttpServerRequest request) {
    Throwable cause = request.decoderResult().cause();
    answer(
        request,
        cause instanceof TooLongFrameException
            ? ApiException.tooLong("expected an address and headers of 16 KiB at most")
            : ApiException.malformed(String.valueOf(cause.getMessage())),
        true);
  }

  private static void answer(HttpServerRequest request, ApiException error, boolean close) {
    if (close) {
      request.response().putHeader("Connection", "close");
    }
    request
        .response()
        .setStatusCode(error.status())
        .putHeader("Content-Type", "application/json")
        .end(error.toJson(String.valueOf(request.path())).toBuffer())
        .onComplete(
            sent -> {
              if (close) {
                request.connection().close();
              }
            });
  }
}
