package dev.poolmark.evaluator.evaluation;

import dev.poolmark.evaluator.torch.PoolerFault;
import dev.poolmark.evaluator.torch.TorchEngine;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import net.openhft.affinity.Affinity;
import org.jspecify.annotations.Nullable;

/**
 * The one event-loop thread that scores a pooler, in a {@code Vertx} of its own, with torch set up
 * for inference and, where asked, pinned to a core. A thread that a pooler never gives back is left
 * behind, with all that it holds.
 */
final class ScoringThread implements AutoCloseable {

  /** What a run that notices the end of its time between two batches may still take. */
  private static final Duration GRACE = Duration.ofSeconds(1);

  private final RunLimit limit;
  private final Vertx vertx;
  private final Context context;
  private final Future<?> ready;
  private final List<Bench> opened = new ArrayList<>();

  ScoringThread(OptionalInt core, RunLimit limit) {
    this.limit = limit;
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
    ready = context.executeBlocking(() -> null).onSuccess(worker -> prepare(core));
  }

  private static void prepare(OptionalInt core) {
    TorchEngine.prepareThread();
    core.ifPresent(Affinity::setAffinity);
  }

  /** Opens what the thread works with. It is closed there too, after all else, if ever. */
  <T extends Bench> T open(Supplier<T> opening) {
    T bench = run(opening);
    opened.add(bench);
    return bench;
  }

  /**
   * Runs work on the thread and waits for its end.
   *
   * @throws PoolerFault when it does not end in time
   */
  <T> T run(Supplier<T> work) {
    Future<T> result =
        Future.future(
            promise ->
                context.runOnContext(go -> ready.map(set -> work.get()).onComplete(promise)));
    try {
      return uninterruptibly(result.toCompletionStage().toCompletableFuture());
    } catch (ExecutionException e) {
      throw rethrown(e.getCause());
    } catch (TimeoutException e) {
      throw new PoolerFault(
          String.format(
              Locale.ROOT,
              "expected an end within %s s, found a forward pass that does not return",
              limit.seconds()));
    }
  }

  /** A plugin may interrupt any thread: that is no cancel, which comes by the limit. */
  private <T> T uninterruptibly(CompletableFuture<T> done)
      throws ExecutionException, TimeoutException {
    while (true) {
      try {
        Optional<Duration> left = limit.left();
        return left.isPresent()
            ? done.get(left.get().plus(GRACE).toNanos(), TimeUnit.NANOSECONDS)
            : done.get();
      } catch (InterruptedException e) {
        // It goes on.
      }
    }
  }

  private static RuntimeException rethrown(@Nullable Throwable cause) {
    if (cause instanceof Error error) {
      throw error;
    }
    return cause instanceof RuntimeException runtime ? runtime : new IllegalStateException(cause);
  }

  @Override
  public void close() {
    context.runOnContext(
        last -> {
          opened.forEach(Bench::close);
          vertx.close();
        });
  }
}
