package dev.poolmark.evaluator.cli;

import dev.poolmark.evaluator.score.ScoreFormula;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How measurements become points. */
final class FormulaOption {

  @Option(
      names = "--formula",
      paramLabel = "FILE",
      description = "The formula from measurements to points, a file that 'calibrate' wrote.")
  private @Nullable Path file;

  /** The file's formula, or the default one. */
  ScoreFormula formula() throws IOException {
    return file == null ? ScoreFormula.DEFAULT : ScoreFormula.read(file);
  }
}
