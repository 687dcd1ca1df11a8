package dev.poolmark.evaluator.worker;

import java.io.IOException;
import java.nio.file.Path;

/** Where parsed data and unpacked encoders are kept; nobody has to have such a place before. */
@FunctionalInterface
public interface CachePlace {

  /**
   * The folder.
   *
   * @throws IOException where there is none, saying what to set
   */
  Path path() throws IOException;
}
