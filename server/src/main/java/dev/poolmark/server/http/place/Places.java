package dev.poolmark.server.http.place;

import dev.poolmark.server.http.answer.ApiException;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;

/**
 * Room for requests, taken before their bodies are read: so many at once, with so many bytes of
 * bodies in all. Used on one event loop.
 */
public final class Places {

  private final String what;
  private final int most;
  private final long mostBytes;
  private int taken;
  private long bytes;

  /**
   * @param what what is too much where there is no room, for the answer
   * @param most requests
   * @param mostBytes of their bodies; one request is taken however large
   */
  public Places(String what, int most, long mostBytes) {
    this.what = what;
    this.most = most;
    this.mostBytes = mostBytes;
  }

  /**
   * Takes a place until the request has its answer, or nobody waits for it any more.
   *
   * @param limit how large its body may be: as large it counts, unless it says how large it is
   * @return completes when the place is given back
   * @throws ApiException where there is none, or the body says that it is larger
   */
  public Future<Void> take(RoutingContext context, long limit) {
    long announced = announcedBytes(context.request());
    if (announced > limit) {
      throw ApiException.tooLarge("the body is larger than this server takes; see GET /info");
    }
    long size = announced < 0 ? limit : announced;
    if (taken >= most || taken > 0 && bytes + size > mostBytes) {
      throw ApiException.overloaded(what);
    }
    taken++;
    bytes += size;
    Promise<Void> over = Promise.promise();
    context.addEndHandler(sent -> over.tryComplete());
    context.put(key(), over);
    over.future()
        .onComplete(
            unused -> {
              taken--;
              bytes -= size;
            });
    return over.future();
  }

  /**
   * Gives the place of a request back, if it has one still: where a file can't be sent to its end,
   * the request has none.
   */
  public void giveBack(RoutingContext context) {
    Promise<Void> over = context.get(key());
    if (over != null) {
      over.tryComplete();
    }
  }

  /** A request may have a place of each kind. */
  private String key() {
    return "place: " + what;
  }

  /** How many are taken. */
  public int taken() {
    return taken;
  }

  /** The length that the request's header names; -1 where it doesn't. */
  private static long announcedBytes(HttpServerRequest request) {
    String length = request.getHeader("Content-Length");
    if (length == null) {
      return request.getHeader("Transfer-Encoding") == null ? 0 : -1;
    }
    try {
      return Long.parseLong(length);
    } catch (NumberFormatException e) {
      throw ApiException.malformed("expected a Content-Length that is a number");
    }
  }
}
