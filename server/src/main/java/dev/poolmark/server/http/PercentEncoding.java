package dev.poolmark.server.http;

import dev.poolmark.server.http.answer.ApiException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Locale;

/** {@code %41} for A, as addresses have it, in UTF-8. */
final class PercentEncoding {

  private PercentEncoding() {}

  /**
   * Decodes a part of an address; a plus stays a plus.
   *
   * @throws ApiException where it is malformed
   */
  static String decode(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    ByteBuffer decoded = ByteBuffer.allocate(bytes.length);
    for (int i = 0; i < bytes.length; i++) {
      if (bytes[i] != '%') {
        decoded.put(bytes[i]);
      } else if (i + 2 < bytes.length
          && HexFormat.isHexDigit(bytes[i + 1])
          && HexFormat.isHexDigit(bytes[i + 2])) {
        decoded.put(
            (byte) (HexFormat.fromHexDigit(bytes[++i]) << 4 | HexFormat.fromHexDigit(bytes[++i])));
      } else {
        throw malformed("two hexadecimal digits after each %", text);
      }
    }
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(decoded.flip()).toString();
    } catch (CharacterCodingException e) {
      throw malformed("UTF-8", text);
    }
  }

  private static ApiException malformed(String expected, String found) {
    return ApiException.malformed(
        String.format(Locale.ROOT, "expected %s in the address, found '%s'", expected, found));
  }
}
