package dev.poolmark.server.text;

/** A text that the encoder can't take; the message says why. */
public final class RefusedTextException extends RuntimeException {
  RefusedTextException(String message) {
    super(message, null, false, false);
  }
}
