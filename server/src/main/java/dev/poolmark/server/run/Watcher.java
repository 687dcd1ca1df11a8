package dev.poolmark.server.run;

import io.vertx.core.streams.WriteStream;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Somebody who follows a run. It gets the newest message whenever it can take one, so a slow reader
 * gets fewer, holds up nobody, and never has more than one message waiting.
 */
public final class Watcher {

  private final WriteStream<?> stream;
  private final Consumer<String> send;
  private final Runnable end;
  private @Nullable String waiting;
  private boolean last;
  private boolean ended;

  /**
   * @param stream tells when there is room
   * @param send writes one message to it
   * @param end ends it, after the last message
   */
  public Watcher(WriteStream<?> stream, Consumer<String> send, Runnable end) {
    this.stream = stream;
    this.send = send;
    this.end = end;
    stream.drainHandler(unused -> flush());
  }

  void tell(String message) {
    if (!last) {
      waiting = message;
      flush();
    }
  }

  void tellLast(String message) {
    waiting = message;
    last = true;
    flush();
  }

  /** It reads no more. */
  void leave() {
    ended = true;
  }

  private void flush() {
    if (waiting == null || ended || stream.writeQueueFull()) {
      return;
    }
    String message = waiting;
    waiting = null;
    ended = last;
    send.accept(message);
    if (last) {
      end.run();
    }
  }
}
