package dev.poolmark.server.http.access;

import io.vertx.core.Handler;
import io.vertx.ext.web.RoutingContext;

/** The usual headers: nothing from other hosts, no frames, no guessing of types. */
public final class SecurityHeaders implements Handler<RoutingContext> {

  public static final String POLICY =
      "default-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'self';"
          + " frame-ancestors 'none'; object-src 'none'";

  @Override
  public void handle(RoutingContext context) {
    context
        .response()
        .putHeader("Content-Security-Policy", POLICY)
        .putHeader("X-Content-Type-Options", "nosniff")
        .putHeader("X-Frame-Options", "DENY")
        .putHeader("Referrer-Policy", "same-origin") // without any, forms would have no origin
        .putHeader("Cross-Origin-Resource-Policy", "same-origin")
        .putHeader("Cross-Origin-Opener-Policy", "same-origin");
    context.next();
  }
}
