package dev.poolmark.server.http.access;

import io.vertx.core.Future;
import io.vertx.core.http.Cookie;
import io.vertx.core.http.CookieSameSite;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.Locale;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * The cookie by which a browser shows that it knew the token: until when it counts and which login
 * it is, signed with the token. The server keeps nothing of it but its logout, so a login outlives
 * a restart, and ends with its time, by a logout, or with another token. No script can read it.
 */
final class Sessions {

  static final String COOKIE = "poolmark_token";
  static final Duration LIFE = Duration.ofDays(7);

  private static final String ALGORITHM = "HmacSHA256";
  private static final int LOGIN_BYTES = 12;

  private final SecretKeySpec key;
  private final Logouts logouts;
  private final SecureRandom random = new SecureRandom();

  Sessions(String token, Logouts logouts) {
    this.key = new SecretKeySpec(token.getBytes(StandardCharsets.UTF_8), ALGORITHM);
    this.logouts = logouts;
  }

  /**
   * @param secure whether the browser came over TLS, and is to show it over nothing else
   */
  Cookie begin(boolean secure) {
    byte[] login = new byte[LOGIN_BYTES];
    random.nextBytes(login);
    long until = Instant.now().plus(LIFE).getEpochSecond();
    String signed = String.format(Locale.ROOT, "%d.%s", until, HexFormat.of().formatHex(login));
    return cookie(signed + "." + signature(signed), secure).setMaxAge(LIFE.toSeconds());
  }

  /** Makes the browser forget it. */
  static Cookie forget(boolean secure) {
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
    if (parts.length != 3 || !parts[0].matches("[0-9]{1,12}")) {
      return false;
    }
    return Long.parseLong(parts[0]) > Instant.now().getEpochSecond()
        && MessageDigest.isEqual(
            parts[2].getBytes(StandardCharsets.UTF_8),
            signature(parts[0] + "." + parts[1]).getBytes(StandardCharsets.UTF_8))
        && !logouts.has(parts[1]);
  }

  /** Ends a login that holds, for every copy of its cookie. */
  Future<Void> end(String value) {
    String[] parts = value.split("\\.", -1);
    return logouts.add(parts[1], Long.parseLong(parts[0]));
  }

  private String signature(String signed) {
    try {
      Mac mac = Mac.getInstance(ALGORITHM);
      mac.init(key);
      String text = "poolmark page " + signed;
      return HexFormat.of().formatHex(mac.doFinal(text.getBytes(StandardCharsets.UTF_8)));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java has HMAC with SHA-256", e);
    }
  }
}
