package dev.poolmark.server.http.connection;

import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.CorruptedWebSocketFrameException;

/**
 * Tells a WebSocket's client what was wrong with its frame, and then closes the connection. Vert.x
 * does so with what it had still to send unsent.
 */
final class BrokenFrames extends ChannelInboundHandlerAdapter {

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    if (cause instanceof CorruptedWebSocketFrameException broken) {
      context
          .writeAndFlush(new CloseWebSocketFrame(broken.closeStatus()))
          .addListener(ChannelFutureListener.CLOSE);
    } else {
      context.fireExceptionCaught(cause);
    }
  }
}
