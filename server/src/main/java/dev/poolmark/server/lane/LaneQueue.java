package dev.poolmark.server.lane;

import dev.poolmark.evaluator.worker.WorkerEvent;
import dev.poolmark.evaluator.worker.WorkerFault;
import dev.poolmark.evaluator.worker.WorkerRequest;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import java.time.Duration;

/** A lane for short questions, answered one after the other while runs go on elsewhere. */
public final class LaneQueue {

  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final int MAX_WAITING = 32;

  private final Lane lane;
  private Future<WorkerEvent.Last> newest = Future.succeededFuture();
  private int waiting;

  public LaneQueue(Lane lane) {
    this.lane = lane;
  }

  /** How many questions wait or are being answered. */
  public int waiting() {
    return waiting;
  }

  /** Whether so many questions wait that one more would wait too long. */
  public boolean full() {
    return waiting >= MAX_WAITING;
  }

  /**
   * Asks the lane.
   *
   * @return its answer; fails with a {@link WorkerFault} when the child dies or is killed
   */
  public Future<WorkerEvent.Last> ask(WorkerRequest.Job request) {
    return ask(request, event -> {});
  }

  /**
   * The same.
   *
   * @param onEvent gets the events before the last
   */
  public Future<WorkerEvent.Last> ask(WorkerRequest.Job request, Handler<WorkerEvent> onEvent) {
    waiting++;
    newest =
        newest
            .transform(unused -> lane.run(request, LIMIT, onEvent))
            .onComplete(unused -> waiting--);
    return newest;
  }

  public int restarts() {
    return lane.restarts();
  }

  public void close() {
    lane.close();
  }
}
