package dev.poolmark.server.run;

import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/** A run that has not ended: its newest message, and who gets it, ten times a second at most. */
final class LiveRun {

  private static final long INTERVAL_MILLIS = 100;
  private static final int SLICE = 25;

  private final Vertx vertx;
  private final Run run;
  private final ProgressHistory history = new ProgressHistory();
  private final Set<Watcher> watchers = new LinkedHashSet<>();
  private JsonObject message;
  private long lastSent;
  private boolean scheduled;
  private boolean ended;

  LiveRun(Vertx vertx, Run run, JsonObject message) {
    this.vertx = vertx;
    this.run = run;
    this.message = message;
  }

  Run run() {
    return run;
  }

  JsonObject message() {
    return message;
  }

  int watcherCount() {
    return watchers.size();
  }

  void add(Watcher watcher) {
    watchers.add(watcher);
    watcher.tell(message.encode());
  }

  void remove(Watcher watcher) {
    watchers.remove(watcher);
  }

  ProgressHistory history() {
    return history;
  }

  void update(JsonObject newer) {
    message = newer;
    history.add(newer);
    if (!scheduled && !watchers.isEmpty()) {
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
    if (ended) {
      return;
    }
    lastSent = now();
    String text = message.encode();
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
