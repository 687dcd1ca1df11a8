package dev.poolmark.evaluator.cli;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import sun.misc.Signal;

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

  /** Ctrl-C asks the JVM to end in good order; pressed again, it ends at once. */
  static void endAtTheSecondInterrupt() {
    AtomicBoolean asked = new AtomicBoolean();
    Signal.handle(
        new Signal("INT"),
        signal -> {
          if (asked.getAndSet(true)) {
            Runtime.getRuntime().halt(ExitCode.INTERRUPTED);
          }
          System.exit(ExitCode.INTERRUPTED);
        });
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
