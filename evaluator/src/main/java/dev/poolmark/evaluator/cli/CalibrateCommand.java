package dev.poolmark.evaluator.cli;

import dev.poolmark.evaluator.files.AtomicFile;
import dev.poolmark.evaluator.score.Calibration;
import dev.poolmark.evaluator.score.GradeFile;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Fits the formulas to a grader's scores. */
@Command(
    name = "calibrate",
    mixinStandardHelpOptions = true,
    description = "Fit metric and curves to scores that a real grader gave.")
final class CalibrateCommand implements Callable<Integer> {

  @Spec private CommandSpec spec;

  @Option(
      names = "--grades",
      paramLabel = "FILE",
      required = true,
      description =
          "CSV with the columns report,quality,time and optionally pooler: a file of 'score"
              + " --format json', and the grader's points; one of them may be empty.")
  private Path grades;

  @Option(
      names = "--out",
      paramLabel = "FILE",
      defaultValue = "formula.json",
      description = "For 'score --formula' (${DEFAULT-VALUE}).")
  private Path out;

  @Override
  public Integer call() throws IOException {
    AtomicFile.check(out);
    Calibration calibration = Calibration.fit(GradeFile.read(grades));
    calibration.formula().write(out);
    PrintWriter stdout = spec.commandLine().getOut();
    calibration.describe().forEach(stdout::println);
    stdout.println("written to " + out);
    return ExitCode.DONE;
  }
}
