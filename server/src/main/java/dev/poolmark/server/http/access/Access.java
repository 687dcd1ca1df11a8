package dev.poolmark.server.http.access;

import dev.poolmark.server.http.answer.ApiException;
import io.vertx.core.Handler;
import io.vertx.core.http.Cookie;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.HostAndPort;
import io.vertx.ext.web.RoutingContext;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Who may do what. With a token, every route but the health checks wants it, from a header or the
 * page's cookie. Without one the server is for this machine alone, so a page of some other site in
 * a browser on this machine must not reach it: neither by its own origin nor by a name that it lets
 * point here.
 */
public final class Access implements Handler<RoutingContext> {

  private static final String BEARER = "Bearer ";
  private static final Set<String> LOOPBACK = Set.of("localhost", "127.0.0.1", "[::1]", "::1");
  private static final Set<HttpMethod> READING =
      Set.of(HttpMethod.GET, HttpMethod.HEAD, HttpMethod.OPTIONS);

  private final @Nullable String token;
  private final @Nullable Sessions sessions;
  private final WrongTokens wrongTokens = new WrongTokens(System::nanoTime);

  /** Of a server that is for this machine alone. */
  public Access() {
    this.token = null;
    this.sessions = null;
  }

  /** Of one that wants a token. */
  public Access(String token, Logouts logouts) {
    this.token = token;
    this.sessions = new Sessions(token, logouts);
  }

  /** Whether a token is wanted. */
  public boolean wantsToken() {
    return token != null;
  }

  @Override
  public void handle(RoutingContext context) {
    HttpServerRequest request = context.request();
    if (token == null && !namesThisMachine(request)) {
      context.fail(ApiException.forbidden("expected a Host header that names this machine"));
    } else if (changesSomething(request) && !sameOrigin(request)) {
      context.fail(ApiException.forbidden("expected a request of this server's own page"));
    } else if (token == null || open(request)) {
      context.next();
    } else {
      checkToken(context);
    }
  }

  private void checkToken(RoutingContext context) {
    HttpServerRequest request = context.request();
    String header = request.getHeader("Authorization");
    boolean bearer = header != null && header.regionMatches(true, 0, BEARER, 0, BEARER.length());
    Cookie cookie = request.getCookie(Sessions.COOKIE);
    if (bearer) {
      checkToken(request, header.substring(BEARER.length()).strip());
      context.next();
    } else if (cookie != null && sessions().holds(cookie.getValue())) {
      context.next();
    } else if (LoginPage.isAskedFor(context)) {
      LoginPage.send(context);
    } else {
      context.fail(ApiException.unauthorized());
    }
  }

  /**
   * Checks what somebody shows as the token. Somebody who showed many wrong ones is not listened to
   * for a while, or all could be tried.
   *
   * @throws ApiException where it is another, or is not looked at
   */
  void checkToken(HttpServerRequest request, @Nullable String shown) {
    String from = request.remoteAddress() == null ? "" : request.remoteAddress().hostAddress();
    if (wrongTokens.tooMany(from)) {
      throw ApiException.overloaded("too many wrong tokens came from there; wait a minute");
    } else if (token == null || shown == null || !same(shown, token)) {
      wrongTokens.add(from);
      throw ApiException.unauthorized();
    }
  }

  /** Where a token is wanted. */
  Sessions sessions() {
    return Objects.requireNonNull(sessions, "sessions");
  }

  /** Takes as long for any text of that length. */
  private static boolean same(String found, String expected) {
    return MessageDigest.isEqual(
        found.getBytes(StandardCharsets.UTF_8), expected.getBytes(StandardCharsets.UTF_8));
  }

  /** The health checks, and the form that takes the token. */
  private static boolean open(HttpServerRequest request) {
    return request.path().equals("/health")
        || request.path().equals("/ready")
        || (request.path().equals("/login") && request.method().equals(HttpMethod.POST));
  }

  private static boolean namesThisMachine(HttpServerRequest request) {
    HostAndPort authority = request.authority();
    return authority != null
        && LOOPBACK.contains(authority.host().toLowerCase(Locale.ROOT).replaceFirst("[.]$", ""));
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
          && request.getHeader("Host").equalsIgnoreCase(URI.create(origin).getAuthority());
    } catch (IllegalArgumentException e) {
      return false;
    }
  }
}
