package dev.poolmark.evaluator.cli;

import dev.poolmark.evaluator.dataset.TokenStore;
import dev.poolmark.evaluator.evaluation.Evaluation;
import dev.poolmark.evaluator.evaluation.EvaluationReport;
import dev.poolmark.evaluator.evaluation.EvaluationRequest;
import dev.poolmark.evaluator.evaluation.EvaluationResult;
import dev.poolmark.evaluator.plugin.InstalledPooler;
import dev.poolmark.evaluator.plugin.PluginCatalog;
import dev.poolmark.evaluator.plugin.PoolerSpec;
import dev.poolmark.evaluator.report.RankingTable;
import dev.poolmark.evaluator.score.Contender;
import dev.poolmark.evaluator.score.Ranking;
import dev.poolmark.evaluator.score.Scenario;
import dev.poolmark.evaluator.score.ScenarioFile;
import dev.poolmark.evaluator.score.ScoreFormula;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Tells who wins under what is not known of the grader. */
@Command(
    name = "rank",
    mixinStandardHelpOptions = true,
    description =
        "Rank poolers, and tell what the order depends on: how time is taken, the curve, the metric."
            + " Every protocol is timed.")
final class RankCommand implements Callable<Integer> {

  @Spec private CommandSpec spec;
  @Mixin private DataOptions data;
  @Mixin private PluginOptions plugins;
  @Mixin private FormatOption format;
  @Mixin private RunOptions runs;
  @Mixin private FormulaOption formulas;

  @Parameters(
      arity = "0..*",
      paramLabel = "SPEC",
      description = "Poolers' specs, as 'score --pooler' takes them; none: every installed one.")
  private List<String> poolers = List.of();

  @Option(
      names = "--scenarios",
      paramLabel = "FILE",
      description =
          "JSON with any of protocols, batch_sizes, curves and metrics; without it the usual ones, or"
              + " what the ensemble in --formula leaves possible.")
  private @Nullable Path scenarios;

  @Override
  public Integer call() throws IOException {
    PluginCatalog catalog = data.poolers(plugins.catalog());
    List<PoolerSpec> specs = specs(catalog);
    int dim = data.dim();
    PoolerTurns<EvaluationReport> turns =
        new PoolerTurns<>(Poolmark.host(spec), catalog, EvaluationReport.class);
    specs.forEach(pooler -> turns.check(pooler, dim));
    ScoreFormula formula = formulas.formula();
    List<EvaluationResult> results = new ArrayList<>();
    List<Scenario> wanted;
    try (TokenStore store = data.open();
        ProgressDisplay display = runs.display()) {
      wanted = scenarios(runs.request(store, specs, formula).withAllProtocols());
      for (PoolerSpec pooler : specs) {
        EvaluationRequest request =
            runs.request(store, List.of(pooler), formula).withAllProtocols();
        Evaluation evaluation = new Evaluation(catalog, request, display);
        results.add(
            turns.passingRow(
                pooler,
                () -> evaluation.run().get(0),
                finding -> evaluation.lost(pooler, finding)));
      }
    }
    results.forEach(this::tellFindings);
    List<Contender> contenders =
        results.stream()
            .map(result -> result.contender(formula))
            .flatMap(Optional::stream)
            .toList();
    if (contenders.isEmpty()) {
      return ExitCode.PLUGIN_FAULT;
    }
    List<String> failed =
        results.stream()
            .filter(result -> result.measurement().isEmpty())
            .map(result -> result.report().pooler().spec())
            .toList();
    Ranking ranking = Ranking.of(contenders, failed, formula, wanted);
    print(ranking, results.get(0).report().formula());
    return ExitCode.DONE;
  }

  private List<PoolerSpec> specs(PluginCatalog catalog) {
    return poolers.isEmpty()
        ? catalog.poolers().stream().map(InstalledPooler::name).map(PoolerSpec::parse).toList()
        : poolers.stream().map(PoolerSpec::parse).toList();
  }

  /** Known before anything is measured, which may take long. */
  private List<Scenario> scenarios(EvaluationRequest request) throws IOException {
    return scenarios == null
        ? request.scenarios()
        : ScenarioFile.read(scenarios, request.settings());
  }

  private void tellFindings(EvaluationResult result) {
    EvaluationReport report = result.report();
    if (!report.findings().isEmpty()) {
      spec.commandLine()
          .getErr()
          .println(
              String.format(
                  Locale.ROOT,
                  "poolmark: pooler '%s': %s",
                  report.pooler().spec(),
                  String.join("; ", report.findings())));
    }
  }

  private void print(Ranking ranking, EvaluationReport.Formula formula) throws IOException {
    PrintWriter out = spec.commandLine().getOut();
    if (format.isJson()) {
      out.println(FormatOption.json(ranking));
    } else {
      out.print(RankingTable.render(ranking, formula));
      out.flush();
    }
  }
}
