package dev.poolmark.server.http.access;

import io.vertx.core.http.Cookie;
import io.vertx.core.http.CookieSameSite;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.Locale;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * The cookie by which a browser shows that it knew the token: until when it counts, signed with the
 * token. The server keeps nothing of it, so a login outlives a restart, and ends with its time or
 * with another token. No script can read it.
 */
final class Sessions {

  static final String COOKIE = "poolmark_token";
  static final Duration LIFE = Duration.ofDays(7);

  private static final String ALGORITHM = "HmacSHA256";

  private final SecretKeySpec key;

  Sessions(String token) {
    this.key = new SecretKeySpec(token.getBytes(StandardCharsets.UTF_8), ALGORITHM);
  }

  /**
   * @param secure whether the browser came over TLS, and is to show it over nothing else
   */
  Cookie begin(boolean secure) {
    long until = Instant.now().plus(LIFE).getEpochSecond();
    return cookie(String.format(Locale.ROOT, "%d.%s", until, signature(until)), secure)
        .setMaxAge(LIFE.toSeconds());
  }

  /** Makes the browser forget it. */
  static Cookie end(boolean secure) {
    return cookie("", secure).setMaxAge(0);
  }

  private static Cookie cookie(String value, boolean secure) {
    return Cookie.cookie(COOKIE, value)
        .setHttpOnly(true)
        .setSecure(secure)
        .setSameSite(CookieSameSite.STRICT)
        .setPath("/");
  }

  boolean holds(String value) {
    String[] parts = value.split("\\.", -1);
    if (parts.length != 2 || !parts[0].matches("[0-9]{1,12}")) {
      return false;
    }
    long until = Long.parseLong(parts[0]);
    return until > Instant.now().getEpochSecond()
        && MessageDigest.isEqual(
            parts[1].getBytes(StandardCharsets.UTF_8),
            signature(until).getBytes(StandardCharsets.UTF_8));
  }

  private String signature(long until) {
    try {
      Mac mac = Mac.getInstance(ALGORITHM);
      mac.init(key);
      String signed = "poolmark page " + until;
      return HexFormat.of().formatHex(mac.doFinal(signed.getBytes(StandardCharsets.UTF_8)));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java has HMAC with SHA-256", e);
    }
  }
}
