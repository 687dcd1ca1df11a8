package dev.poolmark.evaluator.cli;

import dev.poolmark.evaluator.sentences.SentenceFile;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Triplets as text, with their margins. */
final class TripletOptions {

  @Spec(Spec.Target.MIXEE)
  private CommandSpec command;

  @Option(
      names = "--triplets",
      paramLabel = "FILE",
      description = "Each row: anchor, positive, negative and perhaps a margin, separated by tabs.")
  private @Nullable Path triplets;

  @Option(
      names = "--margins",
      paramLabel = "FILE",
      description = "The triplets' margins, one in each row, unless --triplets has them.")
  private @Nullable Path margins;

  Optional<SentenceFile> triplets() {
    if (triplets == null && margins != null) {
      throw new ParameterException(command.commandLine(), "--margins: expected --triplets with it");
    }
    return Optional.ofNullable(triplets)
        .map(file -> SentenceFile.triplets(file, Optional.ofNullable(margins)));
  }
}
