package dev.poolmark.server.stock;

import dev.poolmark.evaluator.files.Sha256;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes files from another node, over HTTP. What breaks off goes on where it was; what arrives is
 * held against the hash that the other node told.
 */
final class Courier {

  private static final Logger LOG = LoggerFactory.getLogger(Courier.class);

  private static final int CONNECT_MILLIS = 5000;
  private static final int SILENT_MILLIS = 20_000;
  private static final int MOST_ERROR_BYTES = 4096;
  private static final int MOST_PARCEL_BYTES = 1 << 20;

  /** So often nothing may come, one time after the other, until another node is asked. */
  private static final int MOST_FAILURES = 5;

  private static final long FIRST_WAIT_MILLIS = 200;

  private final Optional<String> token;
  private final BooleanSupplier cancelled;

  /**
   * @param token that all nodes have
   * @param cancelled whether nobody wants it any more
   */
  Courier(Optional<String> token, BooleanSupplier cancelled) {
    this.token = token;
    this.cancelled = cancelled;
  }

  /**
   * Asks a node for what it has of some content, and waits until that is prepared.
   *
   * @return none where it has nothing
   */
  Optional<Parcel> parcel(URI node, String sha256) throws IOException {
    while (true) {
      HttpURLConnection connection = open(node.resolve(Parcels.PATH + sha256));
      try {
        int status = connection.getResponseCode();
        if (status == 200) {
          return Optional.of(parcel(connection));
        } else if (status == 404) {
          return Optional.empty();
        } else if (status != 202) {
          throw unexpected(connection, "200");
        }
      } finally {
        connection.disconnect();
      }
      pause(FIRST_WAIT_MILLIS);
    }
  }

  private static Parcel parcel(HttpURLConnection connection) throws IOException {
    try (InputStream body = connection.getInputStream()) {
      byte[] json = body.readNBytes(MOST_PARCEL_BYTES);
      return Parcel.of(new JsonObject(new String(json, StandardCharsets.UTF_8)));
    } catch (DecodeException | IllegalArgumentException e) {
      throw new IOException(connection.getURL() + ": " + e.getMessage(), e);
    }
  }

  /**
   * Takes a file.
   *
   * @param into an empty file
   * @throws IOException where it doesn't arrive as it was told of
   */
  void take(URI node, Parcel.Item item, FileChannel into) throws IOException {
    MessageDigest hash = Sha256.newDigest();
    long taken = 0;
    for (int failures = 0; taken < item.bytes(); ) {
      long before = taken;
      try {
        take(node, item, into, hash);
      } catch (DamagedException e) {
        throw e;
      } catch (IOException e) {
        taken = into.position();
        failures = taken > before ? 1 : failures + 1;
        if (failures >= MOST_FAILURES) {
          throw e;
        }
        LOG.info("{} of {} bytes came from {}: {}", taken, item.bytes(), node, e.getMessage());
        pause(FIRST_WAIT_MILLIS << failures);
        continue;
      }
      taken = into.position();
    }
    String found = HexFormat.of().formatHex(hash.digest());
    if (!found.equals(item.sha256())) {
      throw new DamagedException(
          String.format(
              Locale.ROOT,
              "%s from %s: expected content of sha256 %s, found %s",
              item.path(),
              node,
              item.sha256(),
              found));
    }
  }

  /** What came is not what the other node has. */
  static final class DamagedException extends IOException {
    private static final long serialVersionUID = 1;

    DamagedException(String message) {
      super(message);
    }
  }

  private void take(URI node, Parcel.Item item, FileChannel into, MessageDigest hash)
      throws IOException {
    long from = into.position();
    HttpURLConnection connection = open(node.resolve(Parcels.FILES_PATH + item.sha256()));
    if (from > 0) {
      connection.setRequestProperty("Range", "bytes=" + from + "-");
    }
    try {
      int expected = from > 0 ? 206 : 200;
      if (connection.getResponseCode() != expected) {
        throw unexpected(connection, Integer.toString(expected));
      }
      try (InputStream body = connection.getInputStream()) {
        byte[] buffer = new byte[1 << 16];
        for (int count = body.read(buffer); count >= 0; count = body.read(buffer)) {
          if (into.position() + count > item.bytes()) {
            throw new DamagedException(
                String.format(
                    Locale.ROOT,
                    "%s from %s: expected %d bytes, found more",
                    item.path(),
                    node,
                    item.bytes()));
          }
          into.write(ByteBuffer.wrap(buffer, 0, count));
          hash.update(buffer, 0, count);
          checkWanted();
        }
      }
      if (into.position() < item.bytes()) {
        throw new IOException(
            String.format(
                Locale.ROOT, "expected %d bytes, found %d", item.bytes(), into.position()));
      }
    } finally {
      connection.disconnect();
    }
  }

  private HttpURLConnection open(URI place) throws IOException {
    checkWanted();
    HttpURLConnection connection = (HttpURLConnection) place.toURL().openConnection();
    connection.setConnectTimeout(CONNECT_MILLIS);
    connection.setReadTimeout(SILENT_MILLIS);
    connection.setInstanceFollowRedirects(false);
    token.ifPresent(text -> connection.setRequestProperty("Authorization", "Bearer " + text));
    return connection;
  }

  private static IOException unexpected(HttpURLConnection connection, String expected)
      throws IOException {
    String said = "";
    try (InputStream body = connection.getErrorStream()) {
      if (body != null) {
        said = new String(body.readNBytes(MOST_ERROR_BYTES), StandardCharsets.UTF_8);
      }
    }
    return new IOException(
        String.format(
            Locale.ROOT,
            "%s: expected the status %s, found %d %s",
            connection.getURL(),
            expected,
            connection.getResponseCode(),
            said.replaceAll("\\s+", " ")));
  }

  private void checkWanted() {
    if (cancelled.getAsBoolean()) {
      throw new CancellationException("cancelled");
    }
  }

  private void pause(long millis) throws IOException {
    checkWanted();
    try {
      Thread.sleep(millis);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }
}
