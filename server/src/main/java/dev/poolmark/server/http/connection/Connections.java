package dev.poolmark.server.http.connection;

import io.netty.channel.ChannelPipeline;
import io.vertx.core.Handler;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.net.impl.ConnectionBase;

/**
 * Takes so many connections and no more, and puts into each what Vert.x has no option for. That
 * reaches below Vert.x's own interface: another version of it needs the tests of this room.
 */
public final class Connections implements Handler<HttpConnection> {

  private static final String DECODER = "httpDecoder";

  private final HttpServerOptions options;
  private final int most;
  private int open;

  /**
   * @param options of the server that makes them
   */
  public Connections(HttpServerOptions options, int most) {
    this.options = options;
    this.most = most;
  }

  @Override
  public void handle(HttpConnection connection) {
    if (open >= most) {
      connection.close();
      return;
    }
    open++;
    connection.closeHandler(closed -> open--);
    ConnectionBase base = (ConnectionBase) connection;
    ChannelPipeline pipeline = base.channel().pipeline();
    pipeline.replace(DECODER, DECODER, new StrictDecoder(options));
    String last = base.channelHandlerContext().name();
    pipeline.addBefore(last, "framing", new Framing());
    pipeline.addBefore(last, "patience", new Patience());
    pipeline.addBefore(last, "broken frames", new BrokenFrames());
  }

  /** How many there are. */
  public int open() {
    return open;
  }
}
