package dev.poolmark.evaluator.encoder;

import java.util.List;
import java.util.concurrent.CompletionService;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Threads that do a list of work side by side. */
final class Lanes implements AutoCloseable {

  private final @Nullable ExecutorService threads;

  /**
   * @param count how many; with 1, the caller works himself
   */
  Lanes(int count) {
    threads =
        count == 1
            ? null
            : Executors.newFixedThreadPool(
                count,
                work -> {
                  Thread thread = new Thread(work, "encoder");
                  thread.setDaemon(true);
                  return thread;
                });
  }

  /**
   * Does all of it.
   *
   * @param finished is told, on this thread, of each that is done
   */
  <T> void forEach(List<T> work, Consumer<T> doing, Consumer<T> finished) {
    if (threads == null || work.size() == 1) {
      work.forEach(doing.andThen(finished));
      return;
    }
    CompletionService<T> running = new ExecutorCompletionService<>(threads);
    work.forEach(one -> running.submit(() -> doing.accept(one), one));
    RuntimeException failed = null;
    for (int i = 0; i < work.size(); i++) {
      try {
        finished.accept(running.take().get());
      } catch (ExecutionException e) {
        failed =
            e.getCause() instanceof RuntimeException known ? known : new IllegalStateException(e);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException("interrupted while it encoded", e);
      }
    }
    if (failed != null) {
      throw failed;
    }
  }

  @Override
  public void close() {
    if (threads != null) {
      threads.shutdownNow();
    }
  }
}
