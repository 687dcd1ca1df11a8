package dev.poolmark.server;

import static org.junit.jupiter.api.Assertions.fail;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/** Waiting that ends. */
public final class Wait {

  private static final Duration PATIENCE = Duration.ofMinutes(2);

  private Wait() {}

  /** A condition that may ask a server or a file. */
  public interface Condition {
    boolean holds() throws Exception;
  }

  /** Asks again and again until it holds; fails when it doesn't within two minutes. */
  public static void until(String what, Condition condition) throws Exception {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (!condition.holds()) {
      if (System.nanoTime() - deadline > 0) {
        fail("waited in vain for " + what);
      }
      Thread.sleep(5);
    }
  }

  /** A process that is killed after two minutes, so that reading what it says comes to an end. */
  public static Process bounded(Process process) {
    killsUnlessCancelled(process);
    return process;
  }

  /** What kills a process after two minutes. */
  static Future<?> killsUnlessCancelled(Process process) {
    return CompletableFuture.runAsync(
        process::destroyForcibly,
        CompletableFuture.delayedExecutor(PATIENCE.toSeconds(), TimeUnit.SECONDS));
  }
}
