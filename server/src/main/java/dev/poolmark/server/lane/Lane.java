package dev.poolmark.server.lane;

import dev.poolmark.evaluator.worker.Worker;
import dev.poolmark.evaluator.worker.WorkerEvent;
import dev.poolmark.evaluator.worker.WorkerFault;
import dev.poolmark.evaluator.worker.WorkerRequest;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A worker for the server's one thread: a thread of its own waits for the child process, and what
 * it hears is handed over on the context that made the lane.
 */
public final class Lane {

  private static final Logger LOG = LoggerFactory.getLogger(Lane.class);

  private final Context context;
  private final Worker worker;
  private final ExecutorService thread =
      Executors.newSingleThreadExecutor(
          work -> {
            Thread made = new Thread(work, "lane");
            made.setDaemon(true);
            return made;
          });
  private boolean busy;
  private volatile boolean cancelled;

  public Lane(Vertx vertx, Worker worker) {
    this.context = vertx.getOrCreateContext();
    this.worker = worker;
  }

  /** Starts the child ahead of its first job. */
  public void warm() {
    thread.execute(
        () -> {
          try {
            worker.warm();
          } catch (RuntimeException e) {
            LOG.warn("a lane can't be started", e); // the first job will tell
          }
        });
  }

  /**
   * Runs one job.
   *
   * @param limit how long it may take once it has begun
   * @param onEvent gets the events before the last
   * @return the last event; fails with a {@link WorkerFault} when the child dies or is killed
   */
  public Future<WorkerEvent.Last> run(
      WorkerRequest.Job job, Duration limit, Handler<WorkerEvent> onEvent) {
    if (busy) {
      throw new IllegalStateException("a lane runs one job at a time");
    }
    busy = true;
    cancelled = false;
    Promise<WorkerEvent.Last> end = Promise.promise();
    thread.execute(
        () -> {
          try {
            WorkerEvent.Last last =
                cancelled
                    ? new WorkerEvent.Cancelled()
                    : worker.run(
                        job,
                        Optional.of(limit),
                        event -> {
                          if (cancelled) {
                            worker.cancel(); // it may have come right before the worker began
                          }
                          tell(() -> onEvent.handle(event));
                        });
            tell(() -> end(() -> end.complete(last)));
          } catch (RuntimeException | Error e) {
            tell(() -> end(() -> end.fail(e)));
          }
        });
    return end.future();
  }

  private void end(Runnable telling) {
    busy = false;
    telling.run();
  }

  private void tell(Runnable telling) {
    try {
      context.runOnContext(unused -> telling.run());
    } catch (RejectedExecutionException e) {
      LOG.debug("a lane outlives the server", e);
    }
  }

  /** Ends the job between two batches, or by force where the child doesn't get there. */
  public void cancel() {
    cancelled = true;
    worker.cancel();
  }

  /** Ends the child, for a new one at the next job: a pooler in it may have done harm. */
  public void replace() {
    worker.replace();
  }

  /** The last lines that the child of the newest job printed. */
  public List<String> log() {
    return worker.log();
  }

  /** How often the child had to be replaced. */
  public int restarts() {
    return worker.restarts();
  }

  public void close() {
    worker.close();
    thread.shutdown();
  }
}
