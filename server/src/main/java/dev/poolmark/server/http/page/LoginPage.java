package dev.poolmark.server.http.page;

import dev.poolmark.server.http.SecurityHeaders;
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
public final class LoginPage {

  private static final String HTML = read();
  private static final String POLICY =
      SecurityHeaders.POLICY + String.format(Locale.ROOT, "; style-src '%s'", hashOfStyle());
  private static final String WRONG = "<p class=\"wrong\" role=\"alert\">";

  private LoginPage() {}

  /**
   * Answers 401 and the form.
   *
   * @param why a word on what was wrong; empty where nothing was entered yet
   */
  public static void send(RoutingContext context, String why) {
    context
        .response()
        .setStatusCode(401)
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
