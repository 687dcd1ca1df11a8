package dev.poolmark.evaluator.cli;

import dev.poolmark.evaluator.dataset.TokenStore;
import dev.poolmark.evaluator.evaluation.Evaluation;
import dev.poolmark.evaluator.evaluation.EvaluationReport;
import dev.poolmark.evaluator.evaluation.EvaluationRequest;
import dev.poolmark.evaluator.evaluation.EvaluationResult;
import dev.poolmark.evaluator.files.AtomicFile;
import dev.poolmark.evaluator.plugin.InstalledPooler;
import dev.poolmark.evaluator.plugin.PluginCatalog;
import dev.poolmark.evaluator.plugin.PoolerSpec;
import dev.poolmark.evaluator.report.PairScoresCsv;
import dev.poolmark.evaluator.report.ReportFormat;
import dev.poolmark.evaluator.score.ScoreFormula;
import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
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
  @Mixin private FormulaOption formulas;

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
  private @Nullable Path out;

  @Option(
      names = "--pair-scores",
      paramLabel = "FILE",
      description = "Write label and similarities of each pair as CSV.")
  private @Nullable Path pairScores;

  @Override
  public Integer call() throws IOException {
    Output.check(out);
    Output.check(pairScores);
    PluginCatalog catalog = data.poolers(plugins.catalog());
    List<PoolerSpec> specs = specs(catalog);
    PoolerTurns<Row> turns = new PoolerTurns<>(Poolmark.host(spec), catalog, Row.class);
    int dim = data.dim();
    specs.forEach(pooler -> turns.check(pooler, dim));
    List<Row> rows = new ArrayList<>();
    ScoreFormula formula = formulas.formula();
    try (TokenStore store = data.open();
        ProgressDisplay display = runs.display()) {
      for (PoolerSpec pooler : specs) {
        EvaluationRequest request = runs.request(store, List.of(pooler), formula);
        rows.add(row(pooler, new Evaluation(catalog, request, display), turns));
      }
    }
    List<EvaluationReport> reports = rows.stream().map(Row::report).toList();
    Output.write(format.render(reports), out, spec.commandLine().getOut());
    if (pairScores != null) {
      AtomicFile.write(pairScores, file -> writePairScores(file, rows));
    }
    return exitCode(reports);
  }

  /**
   * What is known of a pooler at its end.
   *
   * @param pairScores its part of the file of pair scores; null where it has none
   */
  private record Row(EvaluationReport report, @Nullable String pairScores) {}

  private Row row(PoolerSpec pooler, Evaluation evaluation, PoolerTurns<Row> turns) {
    return turns.row(
        pooler,
        () -> row(evaluation.run().get(0)),
        row -> evaluation.harmed(),
        finding -> new Row(evaluation.lost(pooler, finding).report(), null));
  }

  private Row row(EvaluationResult result) {
    boolean wanted = pairScores != null && result.pairScores().isPresent();
    return new Row(
        result.report(),
        wanted
            ? PairScoresCsv.rows(result.report().pooler().spec(), result.pairScores().get())
            : null);
  }

  private List<PoolerSpec> specs(PluginCatalog catalog) {
    return poolers.isEmpty()
        ? catalog.poolers().stream().map(InstalledPooler::name).map(PoolerSpec::parse).toList()
        : poolers.stream().map(PoolerSpec::parse).toList();
  }

  private static void writePairScores(OutputStream file, List<Row> rows) throws IOException {
    Writer text = new OutputStreamWriter(file, StandardCharsets.UTF_8);
    text.write(PairScoresCsv.header());
    for (Row row : rows) {
      text.write(row.pairScores() == null ? "" : row.pairScores());
    }
    text.flush();
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
