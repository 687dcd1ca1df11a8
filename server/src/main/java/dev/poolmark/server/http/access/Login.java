package dev.poolmark.server.http.access;

import dev.poolmark.server.http.answer.ApiException;
import io.vertx.core.Handler;
import io.vertx.core.http.Cookie;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.BodyHandler;

/** Takes the token from a browser's form, for a cookie, and takes the cookie back. */
public final class Login {

  private static final long MAX_FORM_BYTES = 4096;

  private final Access access;

  public Login(Access access) {
    this.access = access;
  }

  public void mount(Router router, Handler<RoutingContext> failures) {
    router
        .post("/login")
        .handler(BodyHandler.create(false).setBodyLimit(MAX_FORM_BYTES))
        .handler(this::login)
        .failureHandler(failures);
    router.post("/logout").handler(Login::logout).failureHandler(failures);
  }

  private void login(RoutingContext context) {
    try {
      access.checkToken(context.request(), context.request().getFormAttribute("token"));
    } catch (ApiException e) {
      LoginPage.send(context, e);
      return;
    }
    toPage(context, access.sessions().begin(cameOverTls(context.request())));
  }

  private static void logout(RoutingContext context) {
    toPage(context, Sessions.end(cameOverTls(context.request())));
  }

  private static void toPage(RoutingContext context, Cookie cookie) {
    context.response().addCookie(cookie).setStatusCode(303).putHeader("Location", "/").end();
  }

  /**
   * By TLS itself, or as a proxy before this server or the browser says. Whoever lies here makes
   * only a cookie of his own useless.
   */
  private static boolean cameOverTls(HttpServerRequest request) {
    String origin = request.getHeader("Origin");
    return request.isSSL()
        || "https".equalsIgnoreCase(request.getHeader("X-Forwarded-Proto"))
        || origin != null && origin.startsWith("https://");
  }
}
