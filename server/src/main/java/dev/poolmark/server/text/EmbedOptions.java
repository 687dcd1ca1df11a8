package dev.poolmark.server.text;

import dev.poolmark.evaluator.worker.WorkerRequest;
import dev.poolmark.evaluator.worker.WorkerRequest.Role;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How a text is to be embedded, as its request says it.
 *
 * @param truncate whether it is cut where it is too long; else it is refused
 * @param left whether it is cut at its start rather than its end
 * @param prompt the name of the model's prompt that it is put behind; null for that of its role
 * @param role decides on the prompt where none is named
 * @param all whether an embedding is wanted for each token rather than one for the text
 */
public record EmbedOptions(
    boolean truncate, boolean left, @Nullable String prompt, Role role, boolean all) {

  /** As a worker takes it. */
  WorkerRequest.Text forWorker(@Nullable String text, @Nullable List<Integer> ids) {
    return new WorkerRequest.Text(text, ids, truncation(), prompt, role, all);
  }

  private WorkerRequest.@Nullable Truncation truncation() {
    if (!truncate) {
      return null;
    }
    return left ? WorkerRequest.Truncation.LEFT : WorkerRequest.Truncation.RIGHT;
  }
}
