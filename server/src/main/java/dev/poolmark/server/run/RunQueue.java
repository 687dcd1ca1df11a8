package dev.poolmark.server.run;

import dev.poolmark.evaluator.worker.WorkerEvent;
import dev.poolmark.evaluator.worker.WorkerRequest;
import dev.poolmark.server.lane.Lane;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs wait here in their order of arrival and go to the lanes. Whatever is announced was committed
 * to the store before. Everything happens on one event loop.
 */
public final class RunQueue {

  private static final Logger LOG = LoggerFactory.getLogger(RunQueue.class);
  private static final long FIRST_WAIT_MILLIS = 250;
  private static final long LONGEST_WAIT_MILLIS = 5000;

  private final Vertx vertx;
  private final RunStore store;
  private final Datasets datasets;
  private final Models models;
  private final PathNames names;
  private final Path scratch;
  private final int maxQueued;
  private final RunTimes times;
  private final List<Lane> lanes;
  private final Deque<Lane> idleLanes;

  private final SortedMap<Long, Run> queued = new TreeMap<>();
  private final Map<String, Attempt> running = new HashMap<>();
  private final Map<String, LiveRun> live = new HashMap<>();
  private final Map<RunStatus, Long> ended = new EnumMap<>(RunStatus.class);
  private int arriving;
  private @Nullable Promise<Void> drained;
  private boolean stopped;

  /**
   * @param names what clients are told in place of paths
   * @param scratch a folder for files that lanes hand over
   * @param maxQueued how many runs may wait
   * @param times is told of each run's start and end
   */
  public RunQueue(
      Vertx vertx,
      RunStore store,
      Datasets datasets,
      Models models,
      List<Lane> lanes,
      PathNames names,
      Path scratch,
      int maxQueued,
      RunTimes times) {
    this.vertx = vertx;
    this.store = store;
    this.datasets = datasets;
    this.models = models;
    this.lanes = List.copyOf(lanes);
    this.idleLanes = new ArrayDeque<>(lanes);
    this.names = names;
    this.scratch = scratch;
    this.maxQueued = maxQueued;
    this.times = times;
  }

  /** Takes up what an earlier server left: queued runs, and those it was running when it ended. */
  public Future<Void> recover() {
    return store.recover().onSuccess(runs -> runs.forEach(this::enqueue)).mapEmpty();
  }

  /** Whether the queue takes no more. */
  public boolean full() {
    return queued.size() + arriving >= maxQueued;
  }

  public Future<Run> submit(RunRequest request) {
    arriving++;
    String id = Run.newId();
    return store
        .insert(id, request)
        .onComplete(unused -> arriving--)
        .onSuccess(this::enqueue)
        .onFailure(refused -> insist(() -> store.delete(id), FIRST_WAIT_MILLIS));
  }

  private void enqueue(Run run) {
    live.put(run.id(), new LiveRun(vertx, run, RunMessages.queued(run.id(), position(run))));
    waitOn(run);
  }

  private void waitOn(Run run) {
    queued.put(run.sequence(), run);
    startNext();
  }

  /** How many runs are before this one; it starts when they have started. */
  public int position(Run run) {
    return queued.headMap(run.sequence()).size();
  }

  private void startNext() {
    while (!idleLanes.isEmpty() && !queued.isEmpty() && drained == null) {
      Run run = Objects.requireNonNull(queued.remove(queued.firstKey()));
      score(run, idleLanes.removeFirst());
      tellPositions();
    }
  }

  private void tellPositions() {
    int position = 0;
    for (Run run : queued.values()) {
      LiveRun waiting = live(run);
      if (waiting.watcherCount() > 0) {
        waiting.update(RunMessages.queued(run.id(), position));
      }
      position++;
    }
  }

  /** Of a run that has not ended. */
  private LiveRun live(Run run) {
    return Objects.requireNonNull(live.get(run.id()), run.id());
  }

  private void score(Run run, Lane lane) {
    Attempt attempt = new Attempt(run, lane, run.attempt() + 1);
    running.put(run.id(), attempt);
    times.started(run);
    live(run).update(RunMessages.running(run.id()));
    insist(() -> store.start(run.id(), attempt.number), FIRST_WAIT_MILLIS)
        .compose(started -> started ? scoreAndKeep(attempt) : Future.succeededFuture())
        .onFailure(fault -> LOG.error("run {} is left to the next start", run.id(), fault))
        .onComplete(
            unused -> {
              deleteScratch(run);
              release(run, lane);
            });
  }

  private Future<Void> scoreAndKeep(Attempt attempt) {
    return scored(attempt)
        .compose(
            outcome ->
                stopped ? store.requeue(attempt.run.id(), attempt.number) : keep(attempt, outcome));
  }

  /** A run in a lane, and whether somebody asked for its end. */
  private static final class Attempt {
    final Run run;
    final Lane lane;
    final int number;
    private boolean scoring;
    private boolean cancelled;

    Attempt(Run run, Lane lane, int number) {
      this.run = run;
      this.lane = lane;
      this.number = number;
    }

    /** The lane hears of it only while it has the run: before and after, it is not its affair. */
    void cancel() {
      cancelled = true;
      if (scoring) {
        lane.cancel();
      }
    }
  }

  /** Asks the store again and again while it is away, until it has answered. */
  private <T> Future<T> insist(Supplier<Future<T>> question, long waitMillis) {
    return question
        .get()
        .recover(
            failure ->
                failure instanceof StoreOutage && !stopped
                    ? vertx
                        .timer(waitMillis, TimeUnit.MILLISECONDS)
                        .compose(
                            waited ->
                                insist(question, Math.min(2 * waitMillis, LONGEST_WAIT_MILLIS)))
                    : Future.failedFuture(failure));
  }

  private Future<RunOutcome> scored(Attempt attempt) {
    return vertx
        .executeBlocking(() -> laneRequest(attempt.run), false)
        .compose(request -> outcome(attempt, request))
        .recover(
            fault ->
                Future.succeededFuture(
                    RunOutcome.failed(names.in(String.valueOf(fault.getMessage())))))
        .map(outcome -> withLog(attempt, outcome));
  }

  /** Of a run that failed, what its process said last. */
  private RunOutcome withLog(Attempt attempt, RunOutcome outcome) {
    List<String> lines = attempt.lane.log();
    return outcome.status() == RunStatus.FAILED && !lines.isEmpty()
        ? outcome.withLog(names.in(String.join("\n", lines)))
        : outcome;
  }

  /**
   * @throws IllegalArgumentException where the data or the model is no longer there
   */
  private WorkerRequest.Score laneRequest(Run run) {
    RunRequest asked = run.request();
    if (models.locate(asked.pooler()).isEmpty()) {
      throw gone(asked.pooler());
    }
    return new WorkerRequest.Score(
        asked.pooler(),
        models.places(),
        datasets.locate(asked.dataset()).orElseThrow(() -> gone(asked.dataset())),
        asked.batchSize(),
        asked.timing(),
        pairScores(run));
  }

  private static IllegalArgumentException gone(String name) {
    return new IllegalArgumentException(String.format(Locale.ROOT, "'%s' is gone", name));
  }

  private Future<RunOutcome> outcome(Attempt attempt, WorkerRequest.Score request) {
    if (attempt.cancelled || stopped) {
      return Future.succeededFuture(RunOutcome.cancelled());
    }
    Run run = attempt.run;
    LiveRun watched = live(run);
    attempt.scoring = true;
    return attempt
        .lane
        .run(
            request,
            Duration.ofSeconds(run.request().timeoutSeconds()),
            event -> {
              if (event instanceof WorkerEvent.Running running) {
                watched.update(RunMessages.progress(run.id(), running));
              }
            })
        .onComplete(ended -> attempt.scoring = false)
        .map(last -> ended(attempt, last));
  }

  private RunOutcome ended(Attempt attempt, WorkerEvent.Last last) {
    if (last instanceof WorkerEvent.Cancelled) {
      return attempt.cancelled
          ? RunOutcome.cancelled()
          : RunOutcome.failed("it ended as if it were cancelled, which nobody asked for");
    }
    RunOutcome outcome =
        last instanceof WorkerEvent.Scored scored
            ? RunOutcome.of(
                names.in(new JsonObject(scored.report().toString())),
                pairScores(attempt.run),
                new JsonArray(scored.passes().toString()))
            : RunOutcome.failed(names.in(((WorkerEvent.Failed) last).error()));
    if (outcome.status() != RunStatus.DONE) {
      attempt.lane.replace();
    }
    return outcome;
  }

  /** The run goes on until its end is committed; one that no database takes is its own failure. */
  private Future<Void> keep(Attempt attempt, RunOutcome outcome) {
    live(attempt.run).update(RunMessages.storing(attempt.run.id()));
    return finish(attempt, outcome)
        .recover(
            failure ->
                failure instanceof StoreOutage
                    ? Future.failedFuture(failure)
                    : finish(attempt, notKept(failure)))
        .onSuccess(this::announce)
        .mapEmpty();
  }

  private Future<Run> finish(Attempt attempt, RunOutcome outcome) {
    return insist(() -> store.finish(attempt.run.id(), attempt.number, outcome), FIRST_WAIT_MILLIS);
  }

  private static RunOutcome notKept(Throwable failure) {
    return RunOutcome.failed("its result can't be kept: " + failure.getMessage());
  }

  /** Once, however many hear of a run's end; what waits again has none. */
  private void announce(Run run) {
    LiveRun watched = run.status().ended() ? live.remove(run.id()) : null;
    if (watched != null) {
      ended.merge(run.status(), 1L, Long::sum);
      times.ended(run);
      watched.end(RunMessages.end(run));
    }
  }

  private void release(Run run, Lane lane) {
    running.remove(run.id());
    idleLanes.addLast(lane);
    if (drained != null && running.isEmpty()) {
      drained.tryComplete();
    }
    startNext();
  }

  /**
   * Cancels a run: at once one that waits, between two of its batches one that is running. Once
   * this has succeeded with true, the run ends as cancelled whatever happens.
   *
   * @return false where it had ended
   */
  public Future<Boolean> cancel(Run run) {
    return store
        .cancel(run.id())
        .map(
            cancel -> {
              if (cancel.taken()) {
                end(cancel.run());
              }
              return cancel.taken();
            });
  }

  private void end(Run cancelled) {
    Attempt attempt = running.get(cancelled.id());
    if (cancelled.status().ended()) {
      queued.remove(cancelled.sequence());
      announce(cancelled);
      tellPositions();
    } else if (attempt != null) {
      attempt.cancel();
    }
  }

  /** A run that has not ended, as it was when it came; its watchers need no database. */
  public Optional<Run> open(String id) {
    return Optional.ofNullable(live.get(id)).map(LiveRun::run);
  }

  /** Follows a run; a watcher of one that has ended gets just its end. */
  public void watch(Run run, Watcher watcher) {
    LiveRun watched = live.get(run.id());
    if (watched != null) {
      watched.add(watcher);
    } else if (run.status().ended()) {
      watcher.tellLast(RunMessages.end(run).encode());
    } else {
      // It ended after this record was read.
      store
          .find(run.id())
          .onSuccess(now -> now.ifPresent(end -> watcher.tellLast(RunMessages.end(end).encode())));
    }
  }

  public void unwatch(Run run, Watcher watcher) {
    watcher.leave();
    LiveRun watched = live.get(run.id());
    if (watched != null) {
      watched.remove(watcher);
    }
  }

  /** The newest progress message of a run that is running. */
  public Optional<JsonObject> progress(Run run) {
    return running.containsKey(run.id())
        ? Optional.ofNullable(live.get(run.id())).map(LiveRun::message)
        : Optional.empty();
  }

  /** How a run that goes on went so far. */
  public Optional<JsonArray> history(Run run) {
    return Optional.ofNullable(live.get(run.id())).map(watched -> watched.history().toJson());
  }

  /** Starts no more runs, and waits for those that are running; what is left is queued again. */
  public Future<Void> drain(Duration grace) {
    Promise<Void> end = Promise.promise();
    drained = end;
    if (running.isEmpty()) {
      end.complete();
    }
    vertx.setTimer(Math.max(1, grace.toMillis()), timer -> end.tryComplete());
    return end.future().eventually(this::stopRunning);
  }

  public boolean draining() {
    return drained != null;
  }

  private Future<Void> stopRunning() {
    stopped = true;
    return Future.all(
            running.values().stream()
                .map(attempt -> store.requeue(attempt.run.id(), attempt.number))
                .toList())
        .mapEmpty();
  }

  public int queuedCount() {
    return queued.size();
  }

  public int runningCount() {
    return running.size();
  }

  public int watcherCount() {
    return live.values().stream().mapToInt(LiveRun::watcherCount).sum();
  }

  /** How often a lane had to be replaced. */
  public int laneRestarts() {
    return lanes.stream().mapToInt(Lane::restarts).sum();
  }

  /** How many runs ended this way since the server started. */
  public long endedCount(RunStatus status) {
    return ended.getOrDefault(status, 0L);
  }

  private Path pairScores(Run run) {
    return scratch.resolve(run.id() + ".csv");
  }

  private void deleteScratch(Run run) {
    try {
      Files.deleteIfExists(pairScores(run));
    } catch (IOException e) {
      LOG.warn("can't delete {}", pairScores(run), e);
    }
  }
}
