package dev.poolmark.evaluator.worker;

/** Token embeddings that can't be pooled; the message says where, what was expected and found. */
class BadTokensException extends RuntimeException {
  BadTokensException(String message) {
    super(message);
  }

  /** A body that is not even of its format. */
  static final class Malformed extends BadTokensException {
    Malformed(String message) {
      super(message);
    }
  }
}
