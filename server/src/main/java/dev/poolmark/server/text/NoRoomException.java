package dev.poolmark.server.text;

/** The answers of other requests leave no memory for this one's. */
public final class NoRoomException extends RuntimeException {
  NoRoomException() {
    super("the model is overloaded", null, false, false);
  }
}
