package dev.poolmark.server.lane;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.Locale;
import java.util.Set;

/**
 * One place where poolers run: a child process that is kept warm between jobs and replaced after a
 * fault. One job at a time; everything here happens on the context that made it.
 */
public final class Lane {

  /** The events that end a job. */
  private static final Set<String> LAST =
      Set.of("done", "failed", "cancelled", "pooled", "poolers", "loaded", "embedded");

  private static final Duration CANCEL_GRACE = Duration.ofSeconds(5);
  private static final long MEMORY_CHECK_MILLIS = 500;

  private final Vertx vertx;
  private final Context context;
  private final LaneProgram command;
  private LaneProcess process;
  private Job job;
  private int restarts;
  private boolean closed;

  /** What the child is working on, and the timers that watch over it. */
  private final class Job {
    final Promise<JsonObject> end = Promise.promise();
    final Handler<JsonObject> onEvent;
    final long timeout;
    final long memory;
    long grace = -1;

    Job(Handler<JsonObject> onEvent, Duration limit) {
      this.onEvent = onEvent;
      this.timeout = vertx.setTimer(limit.toMillis(), timer -> timedOut(limit));
      this.memory = vertx.setPeriodic(MEMORY_CHECK_MILLIS, timer -> checkMemory());
    }

    void stopTimers() {
      vertx.cancelTimer(timeout);
      vertx.cancelTimer(memory);
      vertx.cancelTimer(grace);
    }
  }

  public Lane(Vertx vertx, LaneProgram command) {
    this.vertx = vertx;
    this.context = vertx.getOrCreateContext();
    this.command = command;
  }

  /** Starts the child ahead of its first job. */
  public void warm() {
    if (process == null && !closed) {
      startProcess();
    }
  }

  /**
   * Runs one job.
   *
   * @param request what the child is asked, see its {@code lane} command
   * @param onEvent gets the events before the last
   * @return the last event; fails with a {@link LaneFault} when the child dies or is killed
   */
  public Future<JsonObject> run(JsonObject request, Duration limit, Handler<JsonObject> onEvent) {
    if (job != null) {
      throw new IllegalStateException("a lane runs one job at a time");
    }
    warm();
    job = new Job(onEvent, limit);
    process.send(request);
    return job.end.future();
  }

  /** Ends the job between two batches, or by force where the child doesn't get there. */
  public void cancel() {
    if (job != null && job.grace < 0) {
      process.send(new JsonObject().put("type", "cancel"));
      job.grace = vertx.setTimer(CANCEL_GRACE.toMillis(), timer -> finish(cancelledByForce()));
    }
  }

  private JsonObject cancelledByForce() {
    replace();
    return new JsonObject().put("type", "cancelled");
  }

  /** Ends the child, for a new one at the next job: a pooler in it may have done harm. */
  public void replace() {
    if (process != null) {
      process.kill();
      process = null;
      restarts++;
    }
  }

  /** How often the child had to be replaced. */
  public int restarts() {
    return restarts;
  }

  public void close() {
    closed = true;
    if (process != null) {
      process.kill();
      process = null;
    }
  }

  private void startProcess() {
    LaneProcess[] started = new LaneProcess[1];
    started[0] =
        LaneProcess.start(
            command,
            context,
            event -> {
              if (process == started[0]) {
                onEvent(event);
              }
            },
            exit -> {
              if (process == started[0]) {
                onExit(exit);
              }
            });
    process = started[0];
  }

  private void onEvent(JsonObject event) {
    if (job == null) {
      return;
    }
    if (LAST.contains(event.getString("type"))) {
      finish(event);
    } else {
      job.onEvent.handle(event);
    }
  }

  private void finish(JsonObject last) {
    Job ended = job;
    ended.stopTimers();
    job = null;
    // What earlier jobs leaked must not be held against the next one.
    if (process != null && process.memoryBytes() > command.memoryBytes() / 2) {
      replace();
    }
    ended.end.complete(last);
  }

  private void fault(String finding) {
    Job ended = job;
    ended.stopTimers();
    job = null;
    ended.end.fail(new LaneFault(finding));
  }

  private void onExit(int exit) {
    String lastWords = process.lastWords();
    process = null;
    restarts++;
    if (job != null) {
      fault(
          String.format(
              Locale.ROOT,
              "its process ended: expected it to return, found exit code %d%s",
              exit,
              lastWords.isEmpty() ? "" : ": " + lastWords));
    }
  }

  private void timedOut(Duration limit) {
    replace();
    fault(
        String.format(
            Locale.ROOT,
            "expected an end within %d seconds, found it still running",
            limit.toSeconds()));
  }

  private void checkMemory() {
    long bytes = process.memoryBytes();
    if (bytes > command.memoryBytes()) {
      replace();
      fault(
          String.format(
              Locale.ROOT,
              "expected at most %d MiB of memory, found %d MiB",
              command.memoryBytes() >> 20,
              bytes >> 20));
    }
  }
}
