package dev.poolmark.evaluator.cli;

import dev.poolmark.evaluator.dataset.TokenStore;
import dev.poolmark.evaluator.report.InspectionTable;
import dev.poolmark.evaluator.tuning.Inspection;
import dev.poolmark.evaluator.tuning.InspectionReport;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Tells what kind of tokens some labelled pairs have. */
@Command(
    name = "inspect",
    mixinStandardHelpOptions = true,
    description = "Tell what kind of tokens labelled pairs have, tuned or raw, and what to do.")
final class InspectCommand implements Callable<Integer> {

  @Spec private CommandSpec spec;
  @Mixin private DataOptions data;
  @Mixin private FormatOption format;

  @Override
  public Integer call() throws IOException {
    PrintWriter out = spec.commandLine().getOut();
    try (TokenStore store = data.open()) {
      InspectionReport report = Inspection.of(store);
      if (format.isJson()) {
        out.println(FormatOption.json(report));
      } else {
        out.print(InspectionTable.render(report));
      }
    }
    return ExitCode.DONE;
  }
}
