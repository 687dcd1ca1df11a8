package dev.poolmark.server.http.answer;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/** Whether something is text: each surrogate of a string has its other half, bytes are UTF-8. */
public final class Unicode {

  private Unicode() {}

  public static boolean isWellFormed(String text) {
    return StandardCharsets.UTF_16BE.newEncoder().canEncode(text);
  }

  public static boolean isUtf8(byte[] bytes) {
    try {
      StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes));
      return true;
    } catch (CharacterCodingException e) {
      return false;
    }
  }
}
