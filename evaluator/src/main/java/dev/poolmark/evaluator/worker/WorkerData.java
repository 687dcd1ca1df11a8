package dev.poolmark.evaluator.worker;

import dev.poolmark.evaluator.dataset.TokenStore;
import java.io.IOException;

/** Opens the data that a score names. */
public interface WorkerData {

  /** Opens labelled pairs. */
  TokenStore open(WorkerRequest.Data data) throws IOException;
}
