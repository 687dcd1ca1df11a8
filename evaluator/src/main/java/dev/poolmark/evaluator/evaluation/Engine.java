package dev.poolmark.evaluator.evaluation;

import java.util.Locale;

/** Whose torch runs a pooler. */
public enum Engine {
  /** libtorch, called from this process. */
  JAVA,
  /** A real Python, as the grader has it, in a process of its own. */
  PYTHON;

  /** The name in options and reports: {@code java}. */
  public String key() {
    return name().toLowerCase(Locale.ROOT);
  }
}
