package dev.poolmark.evaluator.cli;

import dev.poolmark.evaluator.sentences.SentenceFile;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Triplets as text, and what their anchors search. */
final class CorpusOptions {

  @Spec(Spec.Target.MIXEE)
  private CommandSpec command;

  @Mixin private TripletOptions triplets;

  @Option(
      names = "--corpus",
      paramLabel = "FILE",
      description =
          "A document in each row, which the anchors search. The triplets' positives and negatives"
              + " are part of it.")
  private @Nullable Path corpus;

  Optional<SentenceFile> triplets() {
    Optional<SentenceFile> file = triplets.triplets();
    if (file.isEmpty() && corpus != null) {
      throw new ParameterException(command.commandLine(), "--corpus: expected --triplets with it");
    }
    return file;
  }

  Optional<SentenceFile> corpus() {
    return Optional.ofNullable(corpus).map(SentenceFile::corpus);
  }
}
