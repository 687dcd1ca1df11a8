package dev.poolmark.evaluator.tuning;

import java.time.Duration;

/** Those who do the tasks, each one at a time: processes that a pooler may end. */
public interface Crew {

  /** A task came to nothing. */
  final class TaskFault extends RuntimeException {
    private final int exitCode;

    /**
     * @param exitCode what the command line would end with
     */
    public TaskFault(String message, int exitCode) {
      super(message);
      this.exitCode = exitCode;
    }

    public int exitCode() {
      return exitCode;
    }
  }

  int size();

  /**
   * Does a task, and waits for it.
   *
   * @param member which of the crew, from 0
   * @param limit after which it is cancelled
   * @throws TaskFault when it fails, or its process ends
   * @throws java.util.concurrent.CancellationException when it is cancelled
   */
  <T> T run(int member, TrialTask task, Class<T> answer, Duration limit);

  /** Cancels all that is being done. */
  void cancel();
}
