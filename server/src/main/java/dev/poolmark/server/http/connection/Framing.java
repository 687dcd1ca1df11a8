package dev.poolmark.server.http.connection;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.DecoderResult;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.util.ReferenceCountUtil;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Lets through only requests that everybody on the way frames alike: a proxy and this server must
 * not differ in where a request ends, or which host it is for. Behind one that is in doubt, nobody
 * knows what comes next, so nothing of it is read.
 */
final class Framing extends ChannelInboundHandlerAdapter {

  private boolean refused;

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) throws Exception {
    if (refused) {
      ReferenceCountUtil.release(message);
      return;
    }
    if (message instanceof HttpRequest request) {
      String fault = request.decoderResult().isSuccess() ? fault(request) : null;
      if (fault != null) {
        request.setDecoderResult(DecoderResult.failure(new IllegalArgumentException(fault)));
      }
      refused = !request.decoderResult().isSuccess();
    }
    super.channelRead(context, message);
  }

  /** What is wrong with it, or null. */
  private static @Nullable String fault(HttpRequest request) {
    boolean latest = request.protocolVersion().equals(HttpVersion.HTTP_1_1);
    int hosts = request.headers().getAll(HttpHeaderNames.HOST).size();
    if (hosts > 1 || hosts == 0 && latest) {
      return String.format(Locale.ROOT, "expected one Host, found %d", hosts);
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
}
