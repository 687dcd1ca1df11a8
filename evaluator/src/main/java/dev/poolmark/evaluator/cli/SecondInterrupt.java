package dev.poolmark.evaluator.cli;

import java.util.concurrent.atomic.AtomicBoolean;
import sun.misc.Signal;

/** Ctrl-C asks the JVM to end in good order; pressed again, it ends at once. */
final class SecondInterrupt {

  private SecondInterrupt() {}

  static void endsAtOnce() {
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
}
