package dev.poolmark.server.http.access;

import dev.poolmark.evaluator.files.Printable;
import dev.poolmark.server.log.Entry;
import io.vertx.core.Handler;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.SocketAddress;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Logs each request when it is over: who, what, how it was answered, how much, how long. The query
 * is left out, and so are all headers but that by which a proxy tells whom it speaks for.
 */
public final class AccessLog implements Handler<HttpServerRequest> {

  private static final String NAME = "access";
  private static final Logger LOG = Logger.getLogger(NAME);

  private final Handler<HttpServerRequest> next;

  public AccessLog(Handler<HttpServerRequest> next) {
    this.next = next;
  }

  @Override
  public void handle(HttpServerRequest request) {
    long start = System.nanoTime();
    boolean[] logged = {false};
    Handler<Boolean> over =
        whole -> {
          if (!logged[0]) {
            logged[0] = true;
            LOG.log(Line.of(request, whole, System.nanoTime() - start).entry());
          }
        };
    request.response().endHandler(ended -> over.handle(true));
    request.response().closeHandler(closed -> over.handle(false));
    next.handle(request);
  }

  /**
   * A request that is over.
   *
   * @param forwardedFor for whom a proxy says it came, or null
   * @param whole whether the client took all of the answer
   */
  private record Line(
      String client,
      @Nullable String forwardedFor,
      String method,
      String path,
      int status,
      long bytes,
      double milliseconds,
      boolean whole) {

    static Line of(HttpServerRequest request, boolean whole, long nanos) {
      SocketAddress address = request.remoteAddress();
      return new Line(
          address == null ? "-" : address.hostAddress(),
          request.getHeader("X-Forwarded-For"),
          request.method().name(),
          String.valueOf(request.path()),
          request.response().getStatusCode(),
          request.response().bytesWritten(),
          TimeUnit.NANOSECONDS.toMicros(nanos) / 1e3,
          whole);
    }

    Entry entry() {
      Map<String, Object> fields = new LinkedHashMap<>();
      fields.put("client", client);
      if (forwardedFor != null) {
        fields.put("forwarded_for", forwardedFor);
      }
      fields.put("method", method);
      fields.put("path", path);
      fields.put("status", status);
      fields.put("bytes", bytes);
      fields.put("milliseconds", milliseconds);
      fields.put("whole", whole);
      return new Entry(NAME, Printable.of(text()), fields);
    }

    private String text() {
      return String.format(
          Locale.ROOT,
          "%s %s %s %d, %d bytes, %.1f ms%s",
          forwardedFor == null ? client : forwardedFor,
          method,
          path,
          status,
          bytes,
          milliseconds,
          whole ? "" : ", the client left");
    }
  }
}
