package dev.poolmark.server.http.answer;

import java.nio.charset.StandardCharsets;

/** Whether a Java string is text: each surrogate in it has its other half. */
public final class Unicode {

  private Unicode() {}

  public static boolean isWellFormed(String text) {
    return StandardCharsets.UTF_16BE.newEncoder().canEncode(text);
  }
}
