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
      SecurityHeaders.POLICY
          + String.format(
              Locale.ROOT, "; style-src '%s'; script-src '%s'", hashOf("style"), hashOf("script"));
  private static final String WRONG = "<p class=\"wrong\" role=\"alert\">";
  private static final String TO = "type=\"hidden\" value=\"";

  private LoginPage() {}

  /** Whether somebody looks at a page, who would not read JSON. */
  static boolean isAskedFor(RoutingContext context) {
    String accepted = context.request().getHeader("Accept");
    return accepted != null && accepted.contains("text/html");
  }

  /**
   * Answers what came in place of the token.
   *
   * @param to where somebody wants to go
   */
  static void send(RoutingContext context, ApiException refused, String to) {
    context.response().setStatusCode(refused.status());
    if (refused.status() == 429) {
      context.response().putHeader("Retry-After", "60");
    }
    send(
        context,
        refused.status() == 401
            ? "That is not this server's token."
            : "Too many wrong tokens came. Wait a minute.",
        to);
  }

  /** Answers the form to somebody who has shown nothing yet. It knows where it is shown. */
  static void send(RoutingContext context) {
    send(context, "", "");
  }

  private static void send(RoutingContext context, String why, String to) {
    if (why.isEmpty()) {
      context.response().setStatusCode(401).putHeader("WWW-Authenticate", "Bearer");
    }
    context
        .response()
        .putHeader("Content-Type", "text/html; charset=utf-8")
        .putHeader("Content-Security-Policy", POLICY)
        .end(HTML.replace(WRONG, WRONG + why).replace(TO, TO + escaped(to)));
  }

  private static String read() {
    try (InputStream in = LoginPage.class.getResourceAsStream("/page/login.html")) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String escaped(String text) {
    return text.replace("&", "&amp;").replace("\"", "&quot;").replace("<", "&lt;");
  }

  private static String hashOf(String element) {
    String open = "<" + element + ">";
    String text =
        HTML.substring(HTML.indexOf(open) + open.length(), HTML.indexOf("</" + element + ">"));
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
      return "sha256-" + Base64.getEncoder().encodeToString(hash);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
