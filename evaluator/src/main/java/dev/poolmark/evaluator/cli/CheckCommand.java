package dev.poolmark.evaluator.cli;

import dev.poolmark.evaluator.dataset.TokenStore;
import dev.poolmark.evaluator.plugin.BadSpecException;
import dev.poolmark.evaluator.plugin.PoolerSpec;
import dev.poolmark.evaluator.report.CheckTable;
import dev.poolmark.evaluator.submission.CheckReport;
import dev.poolmark.evaluator.submission.PoolerCheck;
import dev.poolmark.evaluator.submission.Python;
import dev.poolmark.evaluator.submission.SubmissionCheck;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Checks what is to be submitted. */
@Command(
    name = "check",
    mixinStandardHelpOptions = true,
    description =
        "Check a submission, a pooler or a plugin as the contest's intake would, and more, in a real"
            + " Python (POOLMARK_PYTHON or python3).")
final class CheckCommand implements Callable<Integer> {

  @Spec private CommandSpec spec;
  @Mixin private DataOptions data;
  @Mixin private PluginOptions plugins;
  @Mixin private FormatOption format;

  @Parameters(
      index = "0",
      paramLabel = "SPEC|x.zip|plugin.jar",
      description = "A pooler's spec, a submission, or a plugin's jar.")
  private String subject;

  @Option(
      names = "--timeout",
      paramLabel = "SECONDS",
      defaultValue = "60",
      description = "How long one check of a submission may take (${DEFAULT-VALUE}).")
  private double timeout;

  @Override
  public Integer call() throws IOException {
    if (!(timeout > 0 && timeout < 1e6)) {
      throw new ParameterException(
          spec.commandLine(),
          String.format(Locale.ROOT, "--timeout: expected seconds above 0, found %s", timeout));
    }
    List<CheckReport> reports = check();
    PrintWriter out = spec.commandLine().getOut();
    if (format.isJson()) {
      out.println(FormatOption.json(reports));
    } else {
      out.print(CheckTable.render(reports));
    }
    out.flush();
    return exitCode(reports);
  }

  private List<CheckReport> check() throws IOException {
    if (subject.endsWith(".zip") && !data.isGiven()) {
      return List.of(submissions(Optional.empty()).of(existing()));
    }
    try (TokenStore store = data.open()) {
      SubmissionCheck submissions = submissions(Optional.of(store));
      if (subject.endsWith(".zip")) {
        return List.of(submissions.of(existing()));
      }
      PoolerCheck poolers = new PoolerCheck(store, submissions);
      return subject.endsWith(".jar")
          ? poolers.ofPlugin(existing())
          : List.of(poolers.of(PoolerSpec.parse(subject), data.poolers(plugins.catalog())));
    }
  }

  private SubmissionCheck submissions(Optional<TokenStore> store) throws IOException {
    Duration limit = Duration.ofNanos((long) (timeout * 1e9));
    return new SubmissionCheck(Python.needed(), data.dim(), store, limit);
  }

  private Path existing() {
    Path file = Path.of(subject);
    if (!Files.isRegularFile(file)) {
      throw new BadSpecException(
          String.format(Locale.ROOT, "%s: expected a file, found none", subject));
    }
    return file;
  }

  /**
   * A zip whose files are not those of a submission is bad data; all else is the pooler's fault.
   */
  private static int exitCode(List<CheckReport> reports) {
    if (reports.stream().allMatch(CheckReport::holds)) {
      return ExitCode.DONE;
    } else if (reports.stream().anyMatch(report -> report.failed(SubmissionCheck.SIZE))) {
      return ExitCode.OVER_SIZE_LIMIT;
    }
    return reports.stream().anyMatch(report -> report.failed(SubmissionCheck.NAMES))
        ? ExitCode.BAD_DATA
        : ExitCode.PLUGIN_FAULT;
  }
}
