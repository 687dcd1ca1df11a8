package dev.poolmark.evaluator.cli;

import dev.poolmark.evaluator.dataset.TokenStore;
import dev.poolmark.evaluator.evaluation.Engine;
import dev.poolmark.evaluator.evaluation.EvaluationRequest;
import dev.poolmark.evaluator.evaluation.Protocol;
import dev.poolmark.evaluator.evaluation.Timing;
import dev.poolmark.evaluator.plugin.PoolerSpec;
import dev.poolmark.evaluator.score.ScoreFormula;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** How poolers are run. */
final class RunOptions {

  @Spec(Spec.Target.MIXEE)
  private CommandSpec command;

  @Option(
      names = "--batch-size",
      paramLabel = "N",
      defaultValue = "64",
      description = "How many pairs are in a batch (${DEFAULT-VALUE}).")
  private int batchSize;

  @Option(
      names = "--engine",
      paramLabel = "java|python",
      defaultValue = "java",
      description =
          "Which torch runs the poolers (${DEFAULT-VALUE}): the bundled one, or the one of"
              + " POOLMARK_PYTHON, else of python3. A submission .zip always runs in Python.")
  private Engine engine;

  @Option(
      names = "--protocol",
      paramLabel = "fresh|cold|hot",
      defaultValue = "fresh",
      description =
          "Which time counts (${DEFAULT-VALUE}): each batch is made just before it is passed, all"
              + " batches are made before the first, or each batch is passed seven times and the"
              + " fastest counts.")
  private Protocol protocol;

  @Option(
      names = "--protocols",
      paramLabel = "all",
      description =
          "Also time every protocol with 1, 16, 64 and 256 pairs in a batch, on at most 512 pairs.")
  private @Nullable Protocols protocols;

  private enum Protocols {
    ALL
  }

  @Option(
      names = "--passes",
      paramLabel = "N",
      defaultValue = "5",
      description =
          "How many passes over the data, in turn with the reference. Their median counts"
              + " (${DEFAULT-VALUE}).")
  private int passes;

  @Option(
      names = "--pin-core",
      paramLabel = "N",
      description = "Pin the scoring thread to this core, counted from 0.")
  private @Nullable Integer core;

  @Option(
      names = "--timeout",
      paramLabel = "SECONDS",
      description = "End the run of a pooler after so many seconds.")
  private @Nullable Double timeout;

  @Option(
      names = "--progress",
      paramLabel = "auto|json|none",
      defaultValue = "auto",
      description = "How progress is shown on stderr: a bar on a terminal, JSON lines, or nothing.")
  private ProgressMode progress;

  EvaluationRequest request(TokenStore data, List<PoolerSpec> poolers, ScoreFormula formula) {
    try {
      return new EvaluationRequest(
          data,
          poolers,
          batchSize,
          formula,
          Optional.ofNullable(timeout).map(seconds -> Duration.ofNanos((long) (seconds * 1e9))),
          core == null ? OptionalInt.empty() : OptionalInt.of(core),
          new Timing(engine, protocol, protocols == Protocols.ALL, passes));
    } catch (IllegalArgumentException e) {
      throw new ParameterException(command.commandLine(), e.getMessage());
    }
  }

  ProgressDisplay display() {
    return progress.display(command.commandLine().getErr());
  }
}
