package dev.poolmark.server;

import io.vertx.core.Vertx;
import io.vertx.core.net.NetServer;
import io.vertx.core.net.NetSocket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** Stands between a browser and a server, and can cut their connections. */
final class Relay implements AutoCloseable {

  private final Vertx vertx;
  private final NetServer server;
  private final Set<NetSocket> open = ConcurrentHashMap.newKeySet();
  private final AtomicInteger accepted = new AtomicInteger();
  private volatile int target;

  Relay(Vertx vertx, int target) {
    this.vertx = vertx;
    this.target = target;
    this.server = vertx.createNetServer().connectHandler(this::relay);
    Client.await(server.listen(0, "127.0.0.1"));
  }

  private void relay(NetSocket near) {
    accepted.incrementAndGet();
    open.add(near);
    near.closeHandler(closed -> open.remove(near));
    near.pause();
    vertx
        .createNetClient()
        .connect(target, "127.0.0.1")
        .onSuccess(
            far -> {
              near.pipeTo(far);
              far.pipeTo(near);
            })
        .onFailure(refused -> near.close());
  }

  /** Ends with a slash. */
  String url() {
    return "http://127.0.0.1:%d/".formatted(server.actualPort());
  }

  /** How many connections there were. */
  int accepted() {
    return accepted.get();
  }

  void cut() {
    open.forEach(NetSocket::close);
  }

  /** Leads new connections to another server. */
  void leadTo(int port) {
    target = port;
  }

  @Override
  public void close() {
    Client.await(server.close());
  }
}
