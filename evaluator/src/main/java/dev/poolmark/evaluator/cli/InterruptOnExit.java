package dev.poolmark.evaluator.cli;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * While it is open, a JVM that is told to end first interrupts a thread, and gives the command time
 * to come to its end and to say so.
 */
final class InterruptOnExit implements AutoCloseable {

  private static final long SECONDS = 5;
  private static final CountDownLatch ENDED = new CountDownLatch(1);

  private final Thread hook;

  InterruptOnExit(Thread thread) {
    hook =
        new Thread(
            () -> {
              thread.interrupt();
              try {
                ENDED.await(SECONDS, TimeUnit.SECONDS);
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            });
    Runtime.getRuntime().addShutdownHook(hook);
  }

  /** The command has said all that it has to say. */
  static void commandEnded() {
    ENDED.countDown();
  }

  @Override
  public void close() {
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // The JVM is ending: that is what this was for.
    }
  }
}
