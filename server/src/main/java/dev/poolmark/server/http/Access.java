package dev.poolmark.server.http;

import io.vertx.core.Handler;
import io.vertx.core.http.Cookie;
import io.vertx.core.http.CookieSameSite;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.HostAndPort;
import io.vertx.ext.web.RoutingContext;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Set;

/**
 * Who may do what. With a token, every route but {@code /health} wants it, from a header or the
 * page's cookie. Without one the server is for this machine alone, so a page of some other site in
 * a browser on this machine must not reach it: neither by its own origin nor by a name that it lets
 * point here.
 */
public final class Access implements Handler<RoutingContext> {

  static final String COOKIE = "poolmark_token";

  private static final String BEARER = "Bearer ";
  private static final Set<String> LOOPBACK = Set.of("localhost", "127.0.0.1", "[::1]", "::1");
  private static final Set<HttpMethod> READING =
      Set.of(HttpMethod.GET, HttpMethod.HEAD, HttpMethod.OPTIONS);

  private final String token;

  /**
   * @param token null where none is wanted
   */
  public Access(String token) {
    this.token = token;
  }

  @Override
  public void handle(RoutingContext context) {
    HttpServerRequest request = context.request();
    if (token == null && !namesThisMachine(request)) {
      context.fail(ApiException.forbidden("expected a Host header that names this machine"));
    } else if (changesSomething(request) && !sameOrigin(request)) {
      context.fail(ApiException.forbidden("expected a request of this server's own page"));
    } else if (token != null && !open(request) && !presentsToken(request)) {
      context.fail(ApiException.unauthorized());
    } else {
      context.next();
    }
  }

  /** Whether text is the token; it takes as long for any text of that length. */
  public boolean isToken(String text) {
    return token != null && text != null && same(text, token);
  }

  private static boolean same(String found, String expected) {
    return MessageDigest.isEqual(
        found.getBytes(StandardCharsets.UTF_8), expected.getBytes(StandardCharsets.UTF_8));
  }

  /** The cookie by which the page shows that it knows the token; no script can read it. */
  public Cookie cookie() {
    return Cookie.cookie(COOKIE, cookieValue())
        .setHttpOnly(true)
        .setSameSite(CookieSameSite.STRICT)
        .setPath("/");
  }

  /** The health check, and the form that takes the token. */
  private static boolean open(HttpServerRequest request) {
    return request.path().equals("/health")
        || (request.path().equals("/login") && request.method().equals(HttpMethod.POST));
  }

  private boolean presentsToken(HttpServerRequest request) {
    String header = request.getHeader("Authorization");
    if (header != null && header.regionMatches(true, 0, BEARER, 0, BEARER.length())) {
      return isToken(header.substring(BEARER.length()).strip());
    }
    Cookie cookie = request.getCookie(COOKIE);
    return cookie != null && same(cookie.getValue(), cookieValue());
  }

  /** Made of the token, which itself may hold what no cookie can. */
  private String cookieValue() {
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256")
              .digest(("poolmark page " + token).getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(hash);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  private static boolean namesThisMachine(HttpServerRequest request) {
    HostAndPort authority = request.authority();
    return authority != null && LOOPBACK.contains(authority.host());
  }

  /** A WebSocket counts: browsers let any page open one. */
  private static boolean changesSomething(HttpServerRequest request) {
    return !READING.contains(request.method()) || request.getHeader("Upgrade") != null;
  }

  /** Programs send no origin; browsers always do. */
  private static boolean sameOrigin(HttpServerRequest request) {
    String origin = request.getHeader("Origin");
    if (origin == null) {
      return true;
    }
    try {
      return request.getHeader("Host") != null
          && request.getHeader("Host").equals(URI.create(origin).getAuthority());
    } catch (IllegalArgumentException e) {
      return false;
    }
  }
}
