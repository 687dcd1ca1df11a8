package dev.poolmark.evaluator.worker;

import dev.poolmark.evaluator.dataset.TokenStore;
import java.io.IOException;

/** Opens the data that a score names. */
public interface WorkerData {

  /**
   * Opens labelled pairs.
   *
   * @param data a folder, or {@code sample}
   */
  TokenStore open(String data) throws IOException;
}
