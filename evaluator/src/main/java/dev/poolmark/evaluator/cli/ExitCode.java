package dev.poolmark.evaluator.cli;

/** What the process ends with. */
final class ExitCode {

  static final int DONE = 0;

  /** A bug, or output that could not be written. */
  static final int FAILED = 1;

  static final int USAGE = 2;
  static final int BAD_DATA = 3;
  static final int PLUGIN_FAULT = 4;
  static final int OVER_SIZE_LIMIT = 5;
  static final int INTERRUPTED = 130;

  private ExitCode() {}
}
