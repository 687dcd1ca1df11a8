package dev.poolmark.evaluator.evaluation;

import dev.poolmark.evaluator.torch.PoolerFault;
import dev.poolmark.evaluator.torch.TorchEngine;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import net.openhft.affinity.Affinity;

/**
 * The one event-loop thread that scores, in a {@code Vertx} of its own, with torch set up for
 * inference and, where asked, pinned to a core. A thread that a pooler never gives back is left
 * behind, and another takes its place.
 */
final class ScoringThread implements AutoCloseable {

  /** What a run that notices the end of its time between two batches may still take. */
  private static final Duration GRACE = Duration.ofSeconds(1);

  private final OptionalInt core;
  private Vertx vertx;
  private Context context;
  private Future<?> ready;

  ScoringThread(OptionalInt core) {
    this.core = core;
    start();
  }

  private void start() {
    vertx =
        Vertx.vertx(
            new VertxOptions()
                .setEventLoopPoolSize(1)
                .setWorkerPoolSize(1)
                .setUseDaemonThread(true)
                // Its thread is meant to be busy, and a timeout ends what takes too long.
                .setBlockedThreadCheckInterval(TimeUnit.DAYS.toMillis(1)));
    context = vertx.getOrCreateContext();
    // A thread inherits its core from the one that starts it: the worker has to be there first.
    ready = context.executeBlocking(() -> null).onSuccess(worker -> prepare());
  }

  private void prepare() {
    TorchEngine.prepareThread();
    core.ifPresent(Affinity::setAffinity);
  }

  /**
   * Runs work on the thread and waits for its end.
   *
   * @param timeout after which the work should end by itself
   * @throws PoolerFault when it does not
   */
  <T> T run(Optional<Duration> timeout, Function<Context, Future<T>> work) {
    Future<T> result =
        Future.future(
            promise ->
                context.runOnContext(
                    go -> ready.compose(started -> work.apply(context)).onComplete(promise)));
    try {
      var done = result.toCompletionStage().toCompletableFuture();
      return timeout.isPresent()
          ? done.get(timeout.get().plus(GRACE).toNanos(), TimeUnit.NANOSECONDS)
          : done.get();
    } catch (ExecutionException e) {
      throw rethrown(e.getCause());
    } catch (TimeoutException e) {
      start();
      throw new PoolerFault(
          String.format(
              Locale.ROOT,
              "expected an end within %s s, found a forward pass that does not return",
              timeout.get().toMillis() / 1000.0));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CancellationException("interrupted");
    }
  }

  private static RuntimeException rethrown(Throwable cause) {
    if (cause instanceof Error error) {
      throw error;
    }
    return cause instanceof RuntimeException runtime ? runtime : new IllegalStateException(cause);
  }

  @Override
  public void close() {
    vertx.close();
  }
}
