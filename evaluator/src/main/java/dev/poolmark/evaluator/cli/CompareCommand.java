package dev.poolmark.evaluator.cli;

import dev.poolmark.evaluator.dataset.TokenStore;
import dev.poolmark.evaluator.evaluation.Comparison;
import dev.poolmark.evaluator.evaluation.Comparison.Difference;
import dev.poolmark.evaluator.evaluation.Evaluation;
import dev.poolmark.evaluator.evaluation.EvaluationReport;
import dev.poolmark.evaluator.evaluation.EvaluationReport.Scores;
import dev.poolmark.evaluator.evaluation.EvaluationRequest;
import dev.poolmark.evaluator.evaluation.EvaluationResult;
import dev.poolmark.evaluator.files.Printable;
import dev.poolmark.evaluator.plugin.PluginCatalog;
import dev.poolmark.evaluator.plugin.PoolerSpec;
import dev.poolmark.evaluator.score.ScoreFormula;
import dev.poolmark.evaluator.worker.CommandHost;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Tells whether one pooler is better than another. */
@Command(
    name = "compare",
    mixinStandardHelpOptions = true,
    description =
        "Score two poolers on the same pairs, and tell whether the second is better, by a paired"
            + " bootstrap.")
final class CompareCommand implements Callable<Integer> {

  @Spec private CommandSpec spec;
  @Mixin private DataOptions data;
  @Mixin private PluginOptions plugins;
  @Mixin private FormatOption format;
  @Mixin private RunOptions runs;
  @Mixin private FormulaOption formulas;

  @Parameters(index = "0", paramLabel = "FIRST", description = "A pooler's spec.")
  private String first;

  @Parameters(index = "1", paramLabel = "SECOND", description = "Another pooler's spec.")
  private String second;

  @Override
  public Integer call() throws IOException {
    PluginCatalog catalog = data.poolers(plugins.catalog());
    List<PoolerSpec> specs = List.of(PoolerSpec.parse(first), PoolerSpec.parse(second));
    int dim = data.dim();
    specs.forEach(pooler -> catalog.check(pooler, dim));
    CommandHost host = Poolmark.host(spec);
    List<EvaluationResult> results = new ArrayList<>();
    ScoreFormula formula = formulas.formula();
    try (TokenStore store = data.open();
        ProgressDisplay display = runs.display()) {
      for (PoolerSpec pooler : specs) {
        host.trying(pooler.text(), catalog.origin(pooler), true);
        EvaluationRequest one = runs.request(store, List.of(pooler), formula);
        EvaluationResult result = new Evaluation(catalog, one, display).run().get(0);
        if (!result.report().eligible()) {
          return refuse(result.report());
        }
        results.add(result);
      }
      print(Comparison.of(results.get(0), results.get(1), formula));
    }
    return ExitCode.DONE;
  }

  private int refuse(EvaluationReport report) {
    String finding = String.join("; ", report.findings());
    spec.commandLine()
        .getErr()
        .println(
            Printable.of(
                String.format(
                    Locale.ROOT, "poolmark: pooler '%s': %s", report.pooler().spec(), finding)));
    return Boolean.FALSE.equals(report.pooler().withinSizeLimit())
        ? ExitCode.OVER_SIZE_LIMIT
        : ExitCode.PLUGIN_FAULT;
  }

  private void print(Comparison comparison) throws IOException {
    PrintWriter out = spec.commandLine().getOut();
    if (format.isJson()) {
      out.println(FormatOption.json(comparison));
      return;
    }
    EvaluationReport a = comparison.first();
    EvaluationReport b = comparison.second();
    out.printf(
        Locale.ROOT, "%-8s %10s %10s %12s  %s%n", "", "first", "second", "difference", "95 %");
    Scores first = a.scores().orElseThrow();
    Scores second = b.scores().orElseThrow();
    row(out, "quality", first.quality().score(), second.quality().score(), comparison.quality());
    row(out, "time", first.time().score(), second.time().score(), comparison.time());
    row(out, "total", first.total().score(), second.total().score(), comparison.total());
    out.printf(Locale.ROOT, "first:  %s%nsecond: %s%n", a.pooler().spec(), b.pooler().spec());
    Double better = comparison.total().secondBetter();
    out.println(
        better == null
            ? "Which has the better total is not known: a single pass tells no spread."
            : String.format(
                Locale.ROOT,
                "The second has the better total with a chance of %.0f %%, by these %d pairs and %d passes.",
                100 * better,
                a.dataset().pairs(),
                first.time().passes()));
  }

  private static void row(PrintWriter out, String name, double a, double b, Difference d) {
    String ci95 =
        d.ci95() == null
            ? "not defined"
            : String.format(Locale.ROOT, "%+.2f to %+.2f", d.ci95()[0], d.ci95()[1]);
    out.printf(Locale.ROOT, "%-8s %10.2f %10.2f %+12.2f  %s%n", name, a, b, d.points(), ci95);
  }
}
