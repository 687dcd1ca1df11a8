package dev.poolmark.server;

import io.vertx.core.Vertx;
import io.vertx.core.net.PemKeyCertOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What the server proves its name with, both as PEM.
 *
 * @param certificate with those of its issuers behind it
 * @param key of the certificate, without a password
 */
record TlsFiles(Path certificate, Path key) {

  TlsFiles {
    checkFile("--tls-cert", certificate);
    checkFile("--tls-key", key);
  }

  private static void checkFile(String option, Path file) {
    if (!Files.isReadable(file) || Files.isDirectory(file)) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT, "%s %s: expected a file that can be read, found none", option, file));
    }
  }

  /**
   * Reads both.
   *
   * @throws IOException where one is no PEM, or they are no pair
   */
  @Nullable Void check(Vertx vertx) throws IOException {
    try {
      options().getKeyManagerFactory(vertx);
      return null;
    } catch (Exception e) {
      throw new IOException(
          String.format(
              Locale.ROOT,
              "%s, %s: expected a certificate and its key as PEM, found: %s",
              certificate,
              key,
              e.getMessage()),
          e);
    }
  }

  PemKeyCertOptions options() {
    return new PemKeyCertOptions().setCertPath(certificate.toString()).setKeyPath(key.toString());
  }
}
