package dev.poolmark.evaluator.worker;

import com.fasterxml.jackson.databind.JsonNode;
import dev.poolmark.evaluator.plugin.BrokenPlugin;
import java.nio.file.Path;
import java.util.Optional;

/** The process that a command runs in, as the command sees it. */
public interface CommandHost {

  /** A process that nobody watches over. */
  CommandHost UNWATCHED =
      new CommandHost() {
        @Override
        public Optional<BrokenPlugin> beforeLoading(Path plugin) {
          return Optional.empty();
        }

        @Override
        public void loaded() {}

        @Override
        public void trying(String pooler, String plugin, boolean alone) {}

        @Override
        public Optional<WorkerRequest.Row> known(String pooler) {
          return Optional.empty();
        }

        @Override
        public void tried(String pooler, JsonNode result, boolean harmed) {}

        @Override
        public void onCancel(Runnable cancel) {}
      };

  /** Ends a command here, which goes on in a new process: nothing is said of it. */
  final class UnfinishedException extends RuntimeException {
    UnfinishedException() {
      super("the command goes on in another process", null, false, false);
    }
  }

  /**
   * Is told of each plugin before any of its code runs.
   *
   * @return why it is not to be loaded, if it is not
   */
  Optional<BrokenPlugin> beforeLoading(Path plugin);

  /** All plugins are loaded. */
  void loaded();

  /**
   * Is told whose doing the rest is.
   *
   * @param plugin the jar or file that the pooler comes from
   * @param alone whether the command comes to nothing without it
   */
  void trying(String pooler, String plugin, boolean alone);

  /** What an earlier process made of a pooler. */
  Optional<WorkerRequest.Row> known(String pooler);

  /**
   * Keeps what the command made of a pooler.
   *
   * @param harmed whether the pooler's code has failed and may have done harm to the process
   */
  void tried(String pooler, JsonNode result, boolean harmed);

  /** What is to be done when somebody ends the command. */
  void onCancel(Runnable cancel);
}
