package dev.poolmark.evaluator.tuning;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;

/** Those who do the tasks, each one at a time: processes that a pooler may end. */
public interface Crew {

  /** A task came to nothing. */
  final class TaskFault extends RuntimeException {
    private final int exitCode;
    private final Optional<String> ended;

    /**
     * @param exitCode what the command line would end with
     */
    public TaskFault(String message, int exitCode) {
      this(message, exitCode, Optional.empty());
    }

    /**
     * @param ended the pooler that ended the task's process, where one did
     */
    public TaskFault(String message, int exitCode, Optional<String> ended) {
      super(message);
      this.exitCode = exitCode;
      this.ended = ended;
    }

    /** The pooler that ended the task's process, where one did. */
    public Optional<String> ended() {
      return ended;
    }

    public int exitCode() {
      return exitCode;
    }
  }

  /** A task took longer than it might. */
  final class TimeOver extends CancellationException {
    private final Optional<String> pooler;

    /**
     * @param pooler which was being tried, where one was
     */
    public TimeOver(Optional<String> pooler) {
      super("its time was over");
      this.pooler = pooler;
    }

    /** The pooler that was being tried, where one was. */
    public Optional<String> pooler() {
      return pooler;
    }
  }

  /**
   * All members do the same, until each has come to its end; an interrupt cancels what they do.
   * What one of them throws, such as a disk's being full, ends the others' work, and is thrown
   * here.
   */
  static void everybody(Crew crew, IntConsumer work) {
    AtomicReference<RuntimeException> thrown = new AtomicReference<>();
    List<Thread> threads =
        IntStream.range(0, crew.size())
            .mapToObj(
                member -> new Thread(() -> work(crew, work, member, thrown), "tune-" + member))
            .toList();
    threads.forEach(Thread::start);
    for (Thread thread : threads) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        crew.cancel();
        Thread.currentThread().interrupt();
      }
    }
    if (thrown.get() != null) {
      throw thrown.get();
    }
  }

  private static void work(
      Crew crew, IntConsumer work, int member, AtomicReference<RuntimeException> thrown) {
    try {
      work.accept(member);
    } catch (RuntimeException e) {
      thrown.compareAndSet(null, e);
      crew.cancel();
    }
  }

  int size();

  /**
   * Does a task, and waits for it.
   *
   * @param member which of the crew, from 0
   * @param limit after which it is cancelled
   * @throws TaskFault when it fails, or its process ends
   * @throws TimeOver when it was cancelled by the limit
   * @throws CancellationException when it was cancelled otherwise
   */
  <T> T run(int member, TrialTask task, Class<T> answer, Duration limit);

  /** Cancels all that is being done. */
  void cancel();
}
