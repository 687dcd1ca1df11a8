package dev.poolmark.evaluator.worker;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import org.jspecify.annotations.Nullable;

/** How requests and events travel: four bytes of length, then a record as JSON. */
final class Wire {

  /**
   * A child that announces more is out of its mind. The most that is meant is an embedding for each
   * token of a batch: 8,192 tokens of 1,024 numbers are 45 MB in base64.
   */
  static final int MAX_BYTES = 256 << 20;

  static final ObjectMapper JSON =
      new ObjectMapper().setPropertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE);

  private Wire() {}

  /** Writes one; the caller sees to it that no other does at the same time. */
  static void write(Object record, OutputStream out) throws IOException {
    byte[] json = JSON.writeValueAsBytes(record);
    if (json.length > MAX_BYTES) {
      throw new IOException("expected at most " + MAX_BYTES + " bytes, found " + json.length);
    }
    DataOutputStream data = new DataOutputStream(out);
    data.writeInt(json.length);
    data.write(json);
    data.flush();
  }

  /**
   * Reads the next.
   *
   * @return null at the end
   * @throws IOException where it is none
   */
  static <T> @Nullable T read(InputStream in, Class<T> type) throws IOException {
    DataInputStream data = new DataInputStream(in);
    int length;
    try {
      length = data.readInt();
    } catch (EOFException e) {
      return null;
    }
    if (length < 0 || length > MAX_BYTES) {
      throw new IOException("expected at most " + MAX_BYTES + " bytes, found " + length);
    }
    byte[] json = in.readNBytes(length);
    return json.length < length ? null : JSON.readValue(json, type);
  }
}
