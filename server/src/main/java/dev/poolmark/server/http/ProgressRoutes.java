package dev.poolmark.server.http;

import dev.poolmark.server.http.answer.ApiException;
import dev.poolmark.server.http.answer.Unicode;
import dev.poolmark.server.run.Run;
import dev.poolmark.server.run.RunQueue;
import dev.poolmark.server.run.Watcher;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.ServerWebSocket;
import io.vertx.ext.web.RoutingContext;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/** A run's progress as it happens: over a WebSocket, and as server-sent events. */
final class ProgressRoutes {

  /** A reader that takes nothing for this long, twice over, is gone. */
  private static final long PING_MILLIS = 20_000;

  private static final int MAX_WAITING_BYTES = 64 * 1024;
  private static final short NORMAL_CLOSE = 1000;
  private static final short GOING_AWAY = 1001;
  private static final short NO_TEXT = 1007;
  private static final short TOO_LARGE = 1009;
  private static final int MAX_MESSAGE_BYTES = 4096;

  private final Vertx vertx;
  private final RunQueue queue;
  private final Set<ServerWebSocket> sockets = new HashSet<>();

  ProgressRoutes(Vertx vertx, RunQueue queue) {
    this.vertx = vertx;
    this.queue = queue;
  }

  void webSocket(RoutingContext context, Future<Run> found) {
    if (!context.request().canUpgradeToWebSocket()) {
      context.fail(ApiException.malformed("expected a WebSocket; plain HTTP has /events"));
      return;
    }
    // The request waits while the run is looked up: it must still be whole to be upgraded.
    context.request().pause();
    found
        .compose(run -> context.request().toWebSocket().onSuccess(socket -> follow(run, socket)))
        .onFailure(
            failure -> {
              context.request().resume();
              context.fail(failure);
            });
  }

  private void follow(Run run, ServerWebSocket socket) {
    socket.setWriteQueueMaxSize(MAX_WAITING_BYTES);
    Watcher watcher =
        new Watcher(socket, socket::writeTextMessage, () -> socket.close(NORMAL_CLOSE));
    boolean[] stuck = {false};
    long pings =
        vertx.setPeriodic(
            PING_MILLIS,
            timer -> {
              if (stuck[0] && socket.writeQueueFull()) {
                socket.shutdown(1, TimeUnit.SECONDS);
              } else {
                stuck[0] = socket.writeQueueFull();
                socket.writePing(Buffer.buffer("poolmark"));
              }
            });
    sockets.add(socket);
    socket.closeHandler(
        unused -> {
          sockets.remove(socket);
          vertx.cancelTimer(pings);
          queue.unwatch(run, watcher);
        });
    socket.exceptionHandler(unused -> queue.unwatch(run, watcher));
    refuseBadMessages(socket);
    queue.watch(run, watcher);
    socket.resume();
  }

  /** Nothing that a watcher says is heard; what is too long, or no text, is refused. */
  private static void refuseBadMessages(ServerWebSocket socket) {
    Buffer[] message = {Buffer.buffer()};
    boolean[] isText = {false};
    socket.frameHandler(
        frame -> {
          if (!frame.isText() && !frame.isBinary() && !frame.isContinuation()) {
            return;
          }
          if (!frame.isContinuation()) {
            message[0] = Buffer.buffer();
            isText[0] = frame.isText();
          }
          if (message[0].length() + frame.binaryData().length() > MAX_MESSAGE_BYTES) {
            socket.close(TOO_LARGE);
            return;
          }
          message[0].appendBuffer(frame.binaryData());
          if (frame.isFinal() && isText[0] && !Unicode.isUtf8(message[0].getBytes())) {
            socket.close(NO_TEXT);
          }
        });
  }

  /** The server goes; their runs go on in the next one. */
  void leave() {
    List.copyOf(sockets).forEach(socket -> socket.close(GOING_AWAY));
  }

  void events(RoutingContext context, Run run) {
    HttpServerResponse response = context.response();
    response
        .setChunked(true)
        .setWriteQueueMaxSize(MAX_WAITING_BYTES)
        .putHeader("Content-Type", "text/event-stream")
        .putHeader("Cache-Control", "no-store");
    Watcher watcher =
        new Watcher(
            response, message -> response.write("data: " + message + "\n\n"), response::end);
    long comments =
        vertx.setPeriodic(
            PING_MILLIS,
            timer -> {
              if (!response.writeQueueFull()) {
                response.write(": still here\n\n");
              }
            });
    response.endHandler(unused -> vertx.cancelTimer(comments));
    response.closeHandler(
        unused -> {
          vertx.cancelTimer(comments);
          queue.unwatch(run, watcher);
        });
    response.exceptionHandler(unused -> queue.unwatch(run, watcher));
    queue.watch(run, watcher);
  }
}
