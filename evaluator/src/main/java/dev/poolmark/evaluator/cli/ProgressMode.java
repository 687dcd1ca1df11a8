package dev.poolmark.evaluator.cli;

import java.io.PrintWriter;

/** How a command shows that it goes on. */
enum ProgressMode {
  AUTO,
  JSON,
  NONE;

  ProgressDisplay display(PrintWriter err) {
    return switch (this) {
      case AUTO -> isTerminal() ? new ProgressDisplay.Bar(err) : new ProgressDisplay.None();
      case JSON -> new ProgressDisplay.JsonLines(err);
      case NONE -> new ProgressDisplay.None();
    };
  }

  /** The start script knows whether stderr is a terminal; Java 17 does not. */
  static boolean isTerminal() {
    return Boolean.getBoolean("poolmark.stderr.terminal");
  }
}
