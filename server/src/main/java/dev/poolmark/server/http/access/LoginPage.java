package dev.poolmark.server.http.access;

import dev.poolmark.server.http.answer.ApiException;
import io.vertx.ext.web.RoutingContext;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.Locale;

/** The form that takes the token. It brings its own style: nothing else is served without one. */
final class LoginPage {

  private static final String HTML = read();
  private static final String POLICY =
      SecurityHeaders.POLICY + String.format(Locale.ROOT, "; style-src '%s'", hashOfStyle());
  private static final String WRONG = "<p class=\"wrong\" role=\"alert\">";

  private LoginPage() {}

  /** Whether somebody looks at a page, who would not read JSON. */
  static boolean isAskedFor(RoutingContext context) {
    String accepted = context.request().getHeader("Accept");
    return accepted != null && accepted.contains("text/html");
  }

  /** Answers what came in place of the token. */
  static void send(RoutingContext context, ApiException refused) {
    context.response().setStatusCode(refused.status());
    if (refused.status() == 429) {
      context.response().putHeader("Retry-After", "60");
    }
    send(
        context,
        refused.status() == 401
            ? "That is not this server's token."
            : "Too many wrong tokens came. Wait a minute.");
  }

  /**
   * Answers the form.
   *
   * @param why a word on what was wrong; empty where nothing was entered yet
   */
  static void send(RoutingContext context, String why) {
    if (why.isEmpty()) {
      context.response().setStatusCode(401).putHeader("WWW-Authenticate", "Bearer");
    }
    context
        .response()
        .putHeader("Content-Type", "text/html; charset=utf-8")
        .putHeader("Content-Security-Policy", POLICY)
        .end(HTML.replace(WRONG, WRONG + why));
  }

  private static String read() {
    try (InputStream in = LoginPage.class.getResourceAsStream("/page/login.html")) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String hashOfStyle() {
    String open = "<style>";
    String style = HTML.substring(HTML.indexOf(open) + open.length(), HTML.indexOf("</style>"));
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256").digest(style.getBytes(StandardCharsets.UTF_8));
      return "sha256-" + Base64.getEncoder().encodeToString(hash);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
