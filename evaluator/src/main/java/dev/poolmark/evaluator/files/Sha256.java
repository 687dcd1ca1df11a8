package dev.poolmark.evaluator.files;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;

/** Names content by its hash. */
public final class Sha256 {

  private final MessageDigest digest = newDigest();

  private Sha256() {}

  /** A digest that has seen nothing yet, for content that comes in parts. */
  public static MessageDigest newDigest() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  /** Of files, one after the other, in hexadecimal digits. */
  public static String of(List<Path> files) throws IOException {
    Sha256 hash = new Sha256();
    for (Path file : files) {
      hash.add(file);
    }
    return hash.hex();
  }

  /** Of a text and files. */
  public static String of(String text, List<Path> files) throws IOException {
    Sha256 hash = new Sha256();
    hash.digest.update((text + "\n").getBytes(StandardCharsets.UTF_8));
    for (Path file : files) {
      hash.add(file);
    }
    return hash.hex();
  }

  private void add(Path file) throws IOException {
    byte[] buffer = new byte[1 << 16];
    try (InputStream in = Pipes.open(file)) {
      for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
        digest.update(buffer, 0, read);
      }
    }
  }

  private String hex() {
    return HexFormat.of().formatHex(digest.digest());
  }
}
