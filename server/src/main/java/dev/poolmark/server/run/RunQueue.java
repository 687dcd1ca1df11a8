package dev.poolmark.server.run;

import dev.poolmark.evaluator.worker.WorkerEvent;
import dev.poolmark.evaluator.worker.WorkerRequest;
import dev.poolmark.server.lane.Lane;
import dev.poolmark.server.stock.Needs;
import dev.poolmark.server.stock.Stock;
import dev.poolmark.server.store.StoreOutage;
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
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * This node's part of the queue: runs that wait in the database go to its lanes in their order of
 * arrival, and whoever watches a run here is told how it stands. Whatever is announced was
 * committed before. Everything happens on one event loop.
 *
 * <p>The database alone decides who has a run. Other nodes are told over the bus what they would
 * find there themselves a second later.
 */
public final class RunQueue {

  private static final Logger LOG = LoggerFactory.getLogger(RunQueue.class);
  private static final long FIRST_WAIT_MILLIS = 250;
  private static final long LONGEST_WAIT_MILLIS = 5000;
  private static final long TICK_MILLIS = 1000;
  private static final int TICKS_A_COUNT = 5;

  private final Vertx vertx;
  private final RunStore store;
  private final Claimant claimant;
  private final RunBus bus;
  private final Stock stock;
  private final PathNames names;
  private final Path scratch;
  private final int maxQueued;
  private final RunTimes times;
  private final List<Lane> lanes;
  private final Deque<Lane> idleLanes;

  private final Map<String, Attempt> running = new HashMap<>();
  private final Map<String, LiveRun> live = new HashMap<>();
  private final Map<RunStatus, Long> ended = new EnumMap<>(RunStatus.class);
  private long waiting;
  private int arriving;
  private boolean claiming;
  private boolean claimAgain;
  private boolean doubtful;
  private boolean looking;
  private boolean lookAgain;
  private boolean ticking;
  private int ticks;
  private @Nullable Promise<Void> drained;
  private volatile boolean stopped;

  /**
   * @param claimant this node, as it takes runs
   * @param stock what runs need
   * @param names what clients are told in place of paths
   * @param scratch a folder for files that lanes hand over
   * @param maxQueued how many runs may wait
   * @param times is told of each run's start and end
   */
  public RunQueue(
      Vertx vertx,
      RunStore store,
      Claimant claimant,
      Stock stock,
      List<Lane> lanes,
      PathNames names,
      Path scratch,
      int maxQueued,
      RunTimes times) {
    this.vertx = vertx;
    this.store = store;
    this.claimant = claimant;
    this.bus = new RunBus(vertx, claimant.shares());
    this.stock = stock;
    this.lanes = List.copyOf(lanes);
    this.idleLanes = new ArrayDeque<>(lanes);
    this.names = names;
    this.scratch = scratch;
    this.maxQueued = maxQueued;
    this.times = times;
  }

  /** Takes up what this node left when it last ended, and then whatever waits. */
  public Future<Void> begin() {
    return store
        .recover(claimant)
        .compose(recovered -> count())
        .onSuccess(
            counted -> {
              bus.listen(this::startNext, this::cancelHere);
              vertx.setPeriodic(TICK_MILLIS, timer -> tick());
              startNext();
            });
  }

  private Future<Void> count() {
    return store.waitingCount().onSuccess(found -> waiting = found).mapEmpty();
  }

  /** What nobody called out is found once a second. */
  private void tick() {
    startNext();
    look();
    if (claimant.shares() && !ticking) {
      ticking = true;
      renew()
          .eventually(this::expire)
          .compose(expired -> ++ticks % TICKS_A_COUNT == 0 ? count() : Future.succeededFuture())
          .onComplete(done -> ticking = false);
    }
  }

  private Future<Void> renew() {
    Map<Run, Optional<JsonObject>> progress = new HashMap<>();
    for (Attempt attempt : running.values()) {
      progress.put(attempt.run, Optional.ofNullable(live(attempt.run).message()));
    }
    return progress.isEmpty()
        ? Future.succeededFuture()
        : store
            .renew(claimant, progress)
            .onSuccess(own -> progress.keySet().forEach(run -> checkOwn(run, own)))
            .mapEmpty();
  }

  /** Ends what is no longer this node's, or what somebody wants to have ended. */
  private void checkOwn(Run run, List<Run> own) {
    Attempt attempt = running.get(run.id());
    boolean goesOn =
        own.stream().anyMatch(now -> now.id().equals(run.id()) && !now.cancelRequested());
    if (attempt != null && attempt.run.equals(run) && !attempt.keeping && !goesOn) {
      attempt.cancel();
    }
  }

  private Future<Void> expire() {
    return store
        .expire(claimant)
        .onSuccess(
            expired -> {
              if (expired > 0) {
                LOG.warn("{} runs of nodes that are gone wait again", expired);
                waiting += expired;
                startNext();
                bus.tellWaiting();
              }
            })
        .mapEmpty();
  }

  /** Whether the queue takes no more. */
  public boolean full() {
    return waiting + arriving >= maxQueued;
  }

  public Future<RunStore.Waiting> submit(RunRequest request, Needs needs) {
    arriving++;
    String id = Run.newId();
    return store
        .insert(id, request, needs, claimant)
        .onComplete(unused -> arriving--)
        .onSuccess(unused -> arrived())
        .onFailure(refused -> insist(() -> store.delete(id), FIRST_WAIT_MILLIS));
  }

  private void arrived() {
    waiting++;
    if (idleLanes.isEmpty() || drained != null) {
      bus.tellWaiting();
    }
    startNext();
  }

  /** How many runs are before this one, and what else keeps it from its start. */
  public Future<RunStore.Waiting> waiting(Run run) {
    return store.waiting(run, claimant);
  }

  /** Takes runs as long as there are lanes for them. */
  public void startNext() {
    if (claiming) {
      claimAgain = true;
    } else if (!idleLanes.isEmpty() && drained == null) {
      claiming = true;
      claimAgain = false;
      sure()
          .compose(sure -> store.claim(claimant))
          .onComplete(
              answer -> {
                claiming = false;
                doubtful |= answer.failed();
                if (answer.failed() && !(answer.cause() instanceof StoreOutage)) {
                  LOG.error("no run can be taken", answer.cause());
                }
                boolean taken = answer.succeeded() && answer.result().isPresent();
                if (taken) {
                  take(answer.result().orElseThrow());
                }
                if (taken || claimAgain) {
                  startNext();
                }
                completeDrain();
              });
    }
  }

  /** A claim that got no answer may have been one. */
  private Future<Void> sure() {
    return doubtful
        ? store
            .release(claimant, running.values().stream().map(attempt -> attempt.run).toList())
            .onSuccess(released -> doubtful = false)
        : Future.succeededFuture();
  }

  private void take(Run run) {
    waiting = Math.max(0, waiting - 1);
    score(run, idleLanes.removeFirst());
    look();
  }

  /** Asks how the runs stand that are watched here and are in no lane of this node. */
  private void look() {
    List<String> watched =
        live.values().stream()
            .filter(run -> run.watcherCount() > 0 && !running.containsKey(run.run().id()))
            .map(run -> run.run().id())
            .toList();
    if (looking) {
      lookAgain = true;
    } else if (!watched.isEmpty()) {
      looking = true;
      lookAgain = false;
      store
          .look(watched, claimant)
          .onSuccess(found -> found.forEach(this::tell))
          .onComplete(
              answer -> {
                looking = false;
                if (lookAgain) {
                  look();
                }
              });
    }
  }

  private void tell(RunStore.Waiting found) {
    Run run = found.run();
    LiveRun watched = live.get(run.id());
    if (watched == null || running.containsKey(run.id())) {
      return;
    }
    switch (run.status()) {
      case QUEUED -> watched.update(RunMessages.queued(found));
      case RUNNING -> {
        if (!watched.fresh()) {
          JsonObject progress = run.progress();
          watched.update(progress == null ? RunMessages.running(run.id()) : progress);
        }
      }
      default -> tellEnd(run);
    }
  }

  /** Of a run that is in a lane here. */
  private LiveRun live(Run run) {
    return Objects.requireNonNull(live.get(run.id()), run.id());
  }

  private LiveRun open(Run run) {
    return live.computeIfAbsent(
        run.id(),
        id ->
            new LiveRun(
                vertx,
                run,
                message -> {
                  if (running.containsKey(id)) {
                    bus.tell(id, message);
                  }
                }));
  }

  private void score(Run run, Lane lane) {
    Attempt attempt = new Attempt(run, lane);
    running.put(run.id(), attempt);
    times.started(run);
    bus.leave(run.id());
    open(run).update(RunMessages.running(run.id()));
    (drained == null ? scoreAndKeep(attempt) : store.requeue(run))
        .onFailure(fault -> LOG.error("run {} is left to the next start", run.id(), fault))
        .onComplete(
            unused -> {
              deleteScratch(run);
              release(run, lane);
            });
  }

  private Future<Void> scoreAndKeep(Attempt attempt) {
    return scored(attempt)
        .compose(outcome -> stopped ? store.requeue(attempt.run) : keep(attempt, outcome));
  }

  /** A run in a lane, and whether somebody asked for its end. */
  private static final class Attempt {
    final Run run;
    final Lane lane;
    private boolean scoring;
    private boolean keeping;
    private volatile boolean cancelled;

    Attempt(Run run, Lane lane) {
      this.run = run;
      this.lane = lane;
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
        .executeBlocking(() -> laneRequest(attempt), false)
        .compose(request -> outcome(attempt, request))
        .recover(
            fault ->
                Future.succeededFuture(
                    fault instanceof CancellationException
                        ? RunOutcome.cancelled()
                        : RunOutcome.failed(names.in(String.valueOf(fault.getMessage())))))
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
   * @throws IOException where the data or the model can't be had
   */
  private WorkerRequest.Score laneRequest(Attempt attempt) throws IOException {
    RunRequest asked = attempt.run.request();
    Needs needs = attempt.run.needs();
    BooleanSupplier unwanted = () -> attempt.cancelled || stopped;
    return new WorkerRequest.Score(
        asked.pooler(),
        stock.models(asked.pooler(), needs, unwanted),
        stock.data(asked.dataset(), needs, unwanted),
        asked.batchSize(),
        asked.timing(),
        pairScores(attempt.run));
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
          : RunOutcome.failed("it ended as if it were cancelled, but nobody had cancelled it");
    }
    RunOutcome outcome =
        last instanceof WorkerEvent.Scored scored
            ? RunOutcome.of(
                ofThisNode(names.in(new JsonObject(scored.report().toString()))),
                pairScores(attempt.run),
                new JsonArray(scored.passes().toString()))
            : RunOutcome.failed(names.in(((WorkerEvent.Failed) last).error()));
    if (outcome.status() != RunStatus.DONE) {
      attempt.lane.replace();
    }
    return outcome;
  }

  /** A worker knows its host alone. */
  private JsonObject ofThisNode(JsonObject report) {
    JsonObject where = report.getJsonObject("environment");
    return where == null
        ? report
        : report.copy().put("environment", where.copy().put("node", claimant.node()));
  }

  /** The run goes on until its end is committed; one that no database takes is its own failure. */
  private Future<Void> keep(Attempt attempt, RunOutcome outcome) {
    attempt.keeping = true;
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
    return insist(() -> store.finish(attempt.run, outcome), FIRST_WAIT_MILLIS);
  }

  private static RunOutcome notKept(Throwable failure) {
    return RunOutcome.failed("its result can't be kept: " + failure.getMessage());
  }

  /** Once, however many hear of a run's end; what waits again has none. */
  private void announce(Run run) {
    if (run.status().ended()) {
      ended.merge(run.status(), 1L, Long::sum);
      times.ended(run);
      tellEnd(run);
      bus.tell(run.id(), RunMessages.ended(run.id()));
    }
  }

  private void tellEnd(Run run) {
    bus.leave(run.id());
    LiveRun watched = live.remove(run.id());
    if (watched != null) {
      watched.end(RunMessages.end(run));
    }
  }

  private void release(Run run, Lane lane) {
    running.remove(run.id());
    idleLanes.addLast(lane);
    LiveRun watched = live.get(run.id());
    if (watched != null) { // it goes on elsewhere
      follow(watched);
      look();
    }
    completeDrain();
    startNext();
  }

  /** Hears of a run that another node has, as long as somebody here watches it. */
  private void follow(LiveRun watched) {
    String id = watched.run().id();
    if (watched.watcherCount() == 0) {
      live.remove(id);
      bus.leave(id);
    } else {
      bus.follow(
          id,
          message -> {
            if (running.containsKey(id)) {
              return;
            } else if (RunMessages.tellsEnd(message)) {
              look();
            } else {
              watched.hear(message);
            }
          });
    }
  }

  private void completeDrain() {
    if (drained != null && running.isEmpty() && !claiming) {
      drained.tryComplete();
    }
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
    if (cancelled.status().ended()) {
      waiting = Math.max(0, waiting - 1);
      announce(cancelled);
      look();
    } else if (running.containsKey(cancelled.id())) {
      cancelHere(cancelled.id());
    } else {
      bus.tellCancel(cancelled.id());
    }
  }

  private void cancelHere(String id) {
    Attempt attempt = running.get(id);
    if (attempt != null) {
      attempt.cancel();
    }
  }

  /** A run that has not ended, as it was when it came; its watchers need no database. */
  public Optional<Run> open(String id) {
    return Optional.ofNullable(live.get(id)).map(LiveRun::run);
  }

  /** Follows a run; a watcher of one that has ended gets just its end. */
  public void watch(Run run, Watcher watcher) {
    if (run.status().ended()) {
      watcher.tellLast(RunMessages.end(run).encode());
      return;
    }
    LiveRun watched = open(run);
    watched.add(watcher);
    if (!running.containsKey(run.id())) {
      follow(watched);
      look();
    }
  }

  public void unwatch(Run run, Watcher watcher) {
    watcher.leave();
    LiveRun watched = live.get(run.id());
    if (watched != null) {
      watched.remove(watcher);
      if (watched.watcherCount() == 0 && !running.containsKey(run.id())) {
        follow(watched);
      }
    }
  }

  /** The newest progress message of a run that is running. */
  public Optional<JsonObject> progress(Run run) {
    return running.containsKey(run.id())
        ? Optional.ofNullable(live(run).message())
        : Optional.ofNullable(run.progress());
  }

  /** How a run that goes on went so far. */
  public Optional<JsonArray> history(Run run) {
    return Optional.ofNullable(live.get(run.id())).map(watched -> watched.history().toJson());
  }

  /** Starts no more runs, and waits for those that are running; what is left is queued again. */
  public Future<Void> drain(Duration grace) {
    Promise<Void> end = Promise.promise();
    drained = end;
    completeDrain();
    vertx.setTimer(Math.max(1, grace.toMillis()), timer -> end.tryComplete());
    return end.future().eventually(this::stopRunning);
  }

  public boolean draining() {
    return drained != null;
  }

  private Future<Void> stopRunning() {
    stopped = true;
    return Future.all(running.values().stream().map(attempt -> store.requeue(attempt.run)).toList())
        .onComplete(requeued -> bus.tellWaiting())
        .mapEmpty();
  }

  /** How many runs wait, on all nodes together; a few seconds old where there are others. */
  public long queuedCount() {
    return waiting;
  }

  public int runningCount() {
    return running.size();
  }

  /** The runs that are in this node's lanes. */
  public List<String> runningIds() {
    return List.copyOf(running.keySet());
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
