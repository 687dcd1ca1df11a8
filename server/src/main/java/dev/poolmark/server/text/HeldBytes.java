package dev.poolmark.server.text;

/**
 * Memory of embeddings whose answers are not sent yet: requests take turns, so many of them may be
 * nearly done at once, and clients may read slowly. Where there is no room, the request that wants
 * more gives up its own, so that the others come to their end.
 */
final class HeldBytes {

  private final long most;
  private long held;

  HeldBytes(long most) {
    this.most = most;
  }

  /** What one request holds. */
  final class Share {
    private long own;

    /** Takes more, unless there is no room; whoever is alone gets whatever it wants. */
    boolean take(long bytes) {
      if (held + bytes > most && held > own) {
        return false;
      }
      own += bytes;
      held += bytes;
      return true;
    }

    /** Gives all back; may be called again. */
    void giveBack() {
      held -= own;
      own = 0;
    }
  }

  Share share() {
    return new Share();
  }

  long held() {
    return held;
  }
}
