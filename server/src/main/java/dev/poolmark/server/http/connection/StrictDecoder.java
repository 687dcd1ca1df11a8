package dev.poolmark.server.http.connection;

import io.netty.handler.codec.http.HttpMessage;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.impl.VertxHttpRequestDecoder;

/**
 * Refuses a request with a length and chunks. Netty drops the length of such; a proxy that drops
 * the chunks would see another request end.
 */
final class StrictDecoder extends VertxHttpRequestDecoder {

  StrictDecoder(HttpServerOptions options) {
    super(options);
  }

  @Override
  protected void handleTransferEncodingChunkedWithContentLength(HttpMessage message) {
    throw new IllegalArgumentException("expected a Content-Length or chunks, found both");
  }
}
