package dev.poolmark.server.run;

import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A run that has not ended, and is in one of this node's lanes or watched here: its newest message,
 * and who gets it, ten times a second at most.
 */
final class LiveRun {

  private static final long INTERVAL_MILLIS = 100;
  private static final int SLICE = 25;
  private static final long FRESH_MILLIS = 2000;

  private final Vertx vertx;
  private final Run run;
  private final ProgressHistory history = new ProgressHistory();
  private final Set<Watcher> watchers = new LinkedHashSet<>();
  private final Consumer<JsonObject> onSent;
  private @Nullable JsonObject message;
  private long lastSent;
  private long heard = now() - FRESH_MILLIS;
  private boolean scheduled;
  private boolean ended;

  /**
   * @param onSent hears what watchers are told, as often
   */
  LiveRun(Vertx vertx, Run run, Consumer<JsonObject> onSent) {
    this.vertx = vertx;
    this.run = run;
    this.onSent = onSent;
  }

  Run run() {
    return run;
  }

  /** Null before the first. */
  @Nullable JsonObject message() {
    return message;
  }

  /** Whether the node that has the run told of it a moment ago. */
  boolean fresh() {
    return now() - heard < FRESH_MILLIS;
  }

  /** Takes what the node told that has the run. */
  void hear(JsonObject newer) {
    heard = now();
    update(newer);
  }

  int watcherCount() {
    return watchers.size();
  }

  void add(Watcher watcher) {
    watchers.add(watcher);
    if (message != null) {
      watcher.tell(message.encode());
    }
  }

  void remove(Watcher watcher) {
    watchers.remove(watcher);
  }

  ProgressHistory history() {
    return history;
  }

  void update(JsonObject newer) {
    if (newer.equals(message)) {
      return;
    }
    message = newer;
    history.add(newer);
    if (!scheduled) {
      long wait = lastSent + INTERVAL_MILLIS - now();
      if (wait <= 0) {
        send();
      } else {
        scheduled = true;
        vertx.setTimer(wait, timer -> send());
      }
    }
  }

  void end(JsonObject last) {
    ended = true;
    String text = last.encode();
    bySlices(new ArrayList<>(watchers), watcher -> watcher.tellLast(text));
    watchers.clear();
  }

  private void send() {
    scheduled = false;
    JsonObject newest = message;
    if (ended || newest == null) {
      return;
    }
    lastSent = now();
    onSent.accept(newest);
    String text = newest.encode();
    bySlices(new ArrayList<>(watchers), watcher -> watcher.tell(text));
  }

  /** Lets the event loop serve others in between: each watcher costs a call of the system. */
  private void bySlices(List<Watcher> all, Consumer<Watcher> work) {
    List<Watcher> slice = all.subList(0, Math.min(SLICE, all.size()));
    slice.forEach(work);
    if (slice.size() < all.size()) {
      List<Watcher> rest = all.subList(slice.size(), all.size());
      vertx.setTimer(1, timer -> bySlices(rest, work));
    }
  }

  private static long now() {
    return System.nanoTime() / 1_000_000;
  }
}
