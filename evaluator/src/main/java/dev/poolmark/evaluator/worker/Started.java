package dev.poolmark.evaluator.worker;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;

/**
 * What a worker's child has started: its descendants, and on Linux also what has detached itself
 * from them. That has no parent that leads to the child any more, but still the variable that the
 * child was started with. What clears its environment escapes.
 *
 * @param mark of the child's environment, which no other child has; empty for none
 */
record Started(String mark) {

  private static final String VARIABLE = "POOLMARK_WORKER";

  /** A process that starts others faster than this ends them is the operator's to stop. */
  private static final int ROUNDS = 10;

  /** Marks a child that is to be started. */
  static Started by(ProcessBuilder child) {
    String mark = UUID.randomUUID().toString();
    child.environment().put(VARIABLE, mark);
    return new Started(mark);
  }

  /** What this process, which is such a child, has started. */
  static Started here() {
    String mark = System.getenv(VARIABLE);
    return new Started(mark == null ? "" : mark);
  }

  /** Ends all of it; the child itself, or what is left of it, is not touched. */
  void end(ProcessHandle child) {
    for (int i = 0; i < ROUNDS; i++) {
      List<ProcessHandle> found = Stream.concat(child.descendants(), marked(child)).toList();
      found.forEach(ProcessHandle::destroyForcibly);
      if (found.isEmpty()) {
        return;
      }
    }
  }

  private Stream<ProcessHandle> marked(ProcessHandle child) {
    return mark.isEmpty()
        ? Stream.empty()
        : ProcessHandle.allProcesses()
            .filter(process -> process.pid() != child.pid() && isMarked(process.pid()));
  }

  private boolean isMarked(long pid) {
    try {
      Path environment = Path.of("/proc", Long.toString(pid), "environ");
      return Files.readString(environment, ISO_8859_1).contains(VARIABLE + "=" + mark);
    } catch (IOException e) {
      return false; // another user's, gone already, or no Linux
    }
  }
}
