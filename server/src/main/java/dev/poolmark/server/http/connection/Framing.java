package dev.poolmark.server.http.connection;

import dev.poolmark.server.http.answer.ApiException;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.DecoderResult;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpStatusClass;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.util.ReferenceCountUtil;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Lets through only requests that everybody on the way frames alike: a proxy and this server must
 * not differ in where a request ends, or which host it is for. Behind one that is in doubt, nobody
 * knows what comes next, so nothing of it is read.
 */
final class Framing extends ChannelDuplexHandler {

  private boolean refused;
  private String path = "";
  private int unanswered;

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) throws Exception {
    if (refused) {
      ReferenceCountUtil.release(message);
      return;
    }
    if (message instanceof HttpRequest request) {
      unanswered++;
      path = request.uri();
      String fault = request.decoderResult().isSuccess() ? fault(request) : null;
      if (fault != null) {
        request.setDecoderResult(DecoderResult.failure(new IllegalArgumentException(fault)));
      }
      refused = !request.decoderResult().isSuccess();
    } else if (message instanceof HttpContent content && content.decoderResult().isFailure()) {
      refused = true;
      content.release();
      refuseBody(context);
      return;
    }
    super.channelRead(context, message);
  }

  @Override
  public void write(ChannelHandlerContext context, Object message, ChannelPromise promise)
      throws Exception {
    if (message instanceof HttpResponse head
        && head.status().codeClass() != HttpStatusClass.INFORMATIONAL) {
      unanswered--;
    }
    super.write(context, message, promise);
  }

  /** Where an answer is under way, its client learns by the connection's end. */
  private void refuseBody(ChannelHandlerContext context) {
    if (unanswered != 1) {
      context.close();
      return;
    }
    ByteBuf body =
        Unpooled.copiedBuffer(
            ApiException.malformed("expected chunks of a body, each after its size")
                .toJson(path)
                .encode(),
            StandardCharsets.UTF_8);
    FullHttpResponse answer =
        new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.BAD_REQUEST, body);
    answer
        .headers()
        .set(HttpHeaderNames.CONTENT_TYPE, "application/json")
        .set(HttpHeaderNames.CONTENT_LENGTH, body.readableBytes())
        .set(HttpHeaderNames.CONNECTION, "close");
    context.writeAndFlush(answer).addListener(ChannelFutureListener.CLOSE);
  }

  /** What is wrong with it, or null. */
  private static @Nullable String fault(HttpRequest request) {
    boolean latest = request.protocolVersion().equals(HttpVersion.HTTP_1_1);
    int hosts = request.headers().getAll(HttpHeaderNames.HOST).size();
    if (hosts > 1 || hosts == 0 && latest) {
      return String.format(Locale.ROOT, "expected one Host, found %d", hosts);
    }
    String named = authority(request.uri());
    if (named != null && !named.equalsIgnoreCase(request.headers().get(HttpHeaderNames.HOST))) {
      return "expected the Host that the address names";
    }
    List<String> codings = request.headers().getAll(HttpHeaderNames.TRANSFER_ENCODING);
    boolean chunked =
        latest && codings.size() == 1 && codings.get(0).strip().equalsIgnoreCase("chunked");
    return codings.isEmpty() || chunked
        ? null
        : String.format(
            Locale.ROOT,
            "expected no Transfer-Encoding but chunked, and that in HTTP/1.1, found '%s'",
            String.join(", ", codings));
  }

  /** Of a request to a proxy, {@code GET http://host/path}; null in the usual one. */
  private static @Nullable String authority(String uri) {
    int scheme = uri.startsWith("/") ? -1 : uri.indexOf("://");
    return scheme < 0 ? null : uri.substring(scheme + 3).split("[/?#]", 2)[0];
  }
}
