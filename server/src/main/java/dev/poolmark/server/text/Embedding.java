package dev.poolmark.server.text;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Base64;

/**
 * What became of a text.
 *
 * @param tokens how many it has, after it was cut
 * @param base64 little-endian float32: its embedding, or that of one token after the other
 * @param queueSeconds how long it waited
 * @param tokenizationSeconds how long its batch was tokenized
 * @param inferenceSeconds how long its batch was encoded
 */
public record Embedding(
    int tokens,
    String base64,
    double queueSeconds,
    double tokenizationSeconds,
    double inferenceSeconds) {

  /** It is held as base64, and then beside that as numbers in JSON, which take twice as much. */
  long bytesUntilSent() {
    return 3L * base64.length();
  }

  public float[] values() {
    ByteBuffer bytes = ByteBuffer.wrap(Base64.getDecoder().decode(base64));
    float[] values = new float[bytes.capacity() / Float.BYTES];
    bytes.order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(values);
    return values;
  }
}
