package dev.poolmark.server.http.access;

import dev.poolmark.server.http.answer.ApiException;
import io.vertx.core.Handler;
import io.vertx.core.http.Cookie;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.BodyHandler;
import org.jspecify.annotations.Nullable;

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
    router.post("/logout").handler(this::logout).failureHandler(failures);
  }

  private void login(RoutingContext context) {
    String to = place(context.request().getFormAttribute("to"));
    try {
      access.checkToken(context.request(), context.request().getFormAttribute("token"));
    } catch (ApiException e) {
      LoginPage.send(context, e, to);
      return;
    }
    toPage(context, access.sessions().begin(cameOverTls(context.request())), to);
  }

  /** The login has ended before the browser hears of it. */
  private void logout(RoutingContext context) {
    Cookie left = Sessions.forget(cameOverTls(context.request()));
    Cookie shown = context.request().getCookie(Sessions.COOKIE);
    if (!access.wantsToken() || shown == null || !access.sessions().holds(shown.getValue())) {
      toPage(context, left, "/");
      return;
    }
    access
        .sessions()
        .end(shown.getValue())
        .onSuccess(kept -> toPage(context, left, "/"))
        .onFailure(context::fail);
  }

  private static void toPage(RoutingContext context, Cookie cookie, String to) {
    context.response().addCookie(cookie).setStatusCode(303).putHeader("Location", to).end();
  }

  /** A place on this server, never another's: the form may be anybody's. */
  private static String place(@Nullable String asked) {
    String place = asked == null ? "/" : asked;
    boolean here = place.matches("/(?![/\\\\])[\\x21-\\x7e]*");
    return here && !place.startsWith("/login") ? place : "/";
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
