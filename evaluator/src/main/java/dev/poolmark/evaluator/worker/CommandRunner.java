package dev.poolmark.evaluator.worker;

import java.io.PrintWriter;
import java.util.List;

/** Runs a command of the command line in this process. */
public interface CommandRunner {

  /**
   * Runs it.
   *
   * @return its exit code
   */
  int run(List<String> arguments, PrintWriter out, PrintWriter err, CommandHost host);
}
