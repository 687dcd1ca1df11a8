package dev.poolmark.evaluator.worker;

/** The child process died, hung, or took too much memory; the message is the finding, one line. */
public final class WorkerFault extends RuntimeException {
  WorkerFault(String finding) {
    super(finding, null, false, false);
  }
}
