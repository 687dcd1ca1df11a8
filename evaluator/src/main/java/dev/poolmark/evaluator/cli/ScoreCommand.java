package dev.poolmark.evaluator.cli;

import dev.poolmark.evaluator.dataset.TokenStore;
import dev.poolmark.evaluator.evaluation.Evaluation;
import dev.poolmark.evaluator.evaluation.EvaluationReport;
import dev.poolmark.evaluator.evaluation.EvaluationResult;
import dev.poolmark.evaluator.files.AtomicFile;
import dev.poolmark.evaluator.plugin.InstalledPooler;
import dev.poolmark.evaluator.plugin.PluginCatalog;
import dev.poolmark.evaluator.plugin.PoolerSpec;
import dev.poolmark.evaluator.report.PairScoresCsv;
import dev.poolmark.evaluator.report.ReportFormat;
import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Scores poolers on labelled pairs. */
@Command(
    name = "score",
    mixinStandardHelpOptions = true,
    description = "Score poolers on labelled pairs, as the contest's grader would.")
final class ScoreCommand implements Callable<Integer> {

  @Spec private CommandSpec spec;
  @Mixin private DataOptions data;
  @Mixin private PluginOptions plugins;
  @Mixin private RunOptions runs;

  @Option(
      names = "--pooler",
      paramLabel = "SPEC",
      description =
          "A pooler: a name with options (concat:modes=mean+max), a trained model's folder, or a"
              + " TorchScript file .pt."
              + " Repeatable; without it, every installed one.")
  private List<String> poolers = List.of();

  @Option(
      names = "--format",
      paramLabel = "table|json|csv|mteb",
      defaultValue = "table",
      description = "How results are printed (${DEFAULT-VALUE}).")
  private ReportFormat format;

  @Option(names = "--out", paramLabel = "FILE", description = "Write results here, not to stdout.")
  private Path out;

  @Option(
      names = "--pair-scores",
      paramLabel = "FILE",
      description = "Write label and similarities of each pair as CSV.")
  private Path pairScores;

  @Override
  public Integer call() throws IOException {
    Output.check(out);
    Output.check(pairScores);
    PluginCatalog catalog = data.poolers(plugins.catalog());
    List<PoolerSpec> specs = specs(catalog);
    int dim = data.dim();
    specs.forEach(pooler -> catalog.check(pooler, dim));
    List<EvaluationResult> results;
    try (TokenStore store = data.open();
        ProgressDisplay display = runs.display()) {
      results = new Evaluation(catalog, runs.request(store, specs), display).run();
    }
    List<EvaluationReport> reports = results.stream().map(EvaluationResult::report).toList();
    Output.write(format.render(reports), out, spec.commandLine().getOut());
    if (pairScores != null) {
      AtomicFile.write(pairScores, file -> writePairScores(file, results));
    }
    return exitCode(reports);
  }

  private List<PoolerSpec> specs(PluginCatalog catalog) {
    return poolers.isEmpty()
        ? catalog.poolers().stream().map(InstalledPooler::name).map(PoolerSpec::parse).toList()
        : poolers.stream().map(PoolerSpec::parse).toList();
  }

  private static void writePairScores(OutputStream file, List<EvaluationResult> results)
      throws IOException {
    Writer text = new OutputStreamWriter(file, StandardCharsets.UTF_8);
    try (PairScoresCsv csv = new PairScoresCsv(text)) {
      for (EvaluationResult result : results) {
        if (result.pairScores().isPresent()) {
          csv.write(result.report().pooler().spec(), result.pairScores().get());
        }
      }
    }
  }

  /** A pooler's fault costs its own row; the command fails when no row is left. */
  private static int exitCode(List<EvaluationReport> reports) {
    if (reports.stream().anyMatch(EvaluationReport::eligible)) {
      return ExitCode.DONE;
    }
    boolean allTooBig =
        reports.stream()
            .allMatch(report -> Boolean.FALSE.equals(report.pooler().withinSizeLimit()));
    return allTooBig ? ExitCode.OVER_SIZE_LIMIT : ExitCode.PLUGIN_FAULT;
  }
}
