package dev.poolmark.server.http.connection;

import io.netty.channel.Channel;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpStatusClass;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/**
 * Closes a connection whose client takes too long: to send the head of a request, whether it is
 * silent or trickles; to send the body; or to read its answer. What the server itself takes, to
 * work or because it reads no further, is never counted.
 */
final class Patience extends ChannelDuplexHandler {

  /** For the head of a connection's first request. */
  static final long FIRST_HEAD_SECONDS = 20;

  /** For the head of the next, from the answer on. */
  static final long NEXT_HEAD_SECONDS = 75;

  /** For what of a body is missing, beside a second for each so many bytes that came. */
  static final long BODY_SECONDS = 30;

  static final long BODY_BYTES_A_SECOND = 16 * 1024;

  /** Without a byte of the answer taken. */
  static final long READ_SECONDS = 75;

  static final long CHECK_SECONDS = 1;

  /** From when it is in a pipeline. */
  @SuppressWarnings("NullAway.Init")
  private Future<?> checks;

  private boolean upgraded;
  private boolean receiving;
  private int open;
  private long headSeconds = FIRST_HEAD_SECONDS;
  private double bodySeconds;
  private long readSeconds;
  private long lastUnread;
  private long lastProgress;

  @Override
  public void handlerAdded(ChannelHandlerContext context) {
    checks =
        context
            .executor()
            .scheduleAtFixedRate(
                () -> check(context), CHECK_SECONDS, CHECK_SECONDS, TimeUnit.SECONDS);
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext context) {
    checks.cancel(false);
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) throws Exception {
    checks.cancel(false);
    super.channelInactive(context);
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) throws Exception {
    if (message instanceof HttpRequest) {
      open++;
      receiving = true;
      bodySeconds = BODY_SECONDS;
    }
    if (message instanceof HttpContent content) {
      bodySeconds =
          Math.min(
              BODY_SECONDS,
              bodySeconds + (double) content.content().readableBytes() / BODY_BYTES_A_SECOND);
    }
    if (message instanceof LastHttpContent) {
      receiving = false;
    }
    super.channelRead(context, message);
  }

  @Override
  public void write(ChannelHandlerContext context, Object message, ChannelPromise promise)
      throws Exception {
    HttpResponseStatus status = message instanceof HttpResponse head ? head.status() : null;
    if (HttpResponseStatus.SWITCHING_PROTOCOLS.equals(status)) {
      upgraded = true;
    } else if (message instanceof LastHttpContent
        && (status == null || status.codeClass() != HttpStatusClass.INFORMATIONAL)) {
      open--;
      headSeconds = NEXT_HEAD_SECONDS;
    }
    super.write(context, message, promise);
  }

  private void check(ChannelHandlerContext context) {
    if (isOver(context.channel())) {
      context.close();
    }
  }

  private boolean isOver(Channel channel) {
    if (takesTooLongToRead(channel)) {
      return true;
    } else if (upgraded) {
      return false;
    } else if (receiving) {
      bodySeconds -= channel.config().isAutoRead() ? CHECK_SECONDS : 0;
      return bodySeconds <= 0;
    } else if (open <= 0) {
      headSeconds -= CHECK_SECONDS;
      return headSeconds <= 0;
    }
    return false;
  }

  private boolean takesTooLongToRead(Channel channel) {
    ChannelOutboundBuffer unread = channel.unsafe().outboundBuffer();
    long bytes = unread == null ? 0 : unread.totalPendingWriteBytes();
    long progress = unread == null ? 0 : unread.currentProgress();
    boolean stuck = unread != null && !unread.isEmpty() && bytes >= lastUnread;
    stuck = stuck && progress == lastProgress;
    readSeconds = stuck ? readSeconds + CHECK_SECONDS : 0;
    lastUnread = bytes;
    lastProgress = progress;
    return readSeconds >= READ_SECONDS;
  }
}
