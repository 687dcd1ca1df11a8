package dev.poolmark.evaluator.cli;

import dev.poolmark.evaluator.dataset.TokenStore;
import dev.poolmark.evaluator.evaluation.Evaluation;
import dev.poolmark.evaluator.evaluation.EvaluationReport;
import dev.poolmark.evaluator.evaluation.EvaluationRequest;
import dev.poolmark.evaluator.evaluation.EvaluationResult;
import dev.poolmark.evaluator.files.AtomicFile;
import dev.poolmark.evaluator.files.Note;
import dev.poolmark.evaluator.plugin.PluginCatalog;
import dev.poolmark.evaluator.plugin.PoolerSpec;
import dev.poolmark.evaluator.score.Calibration;
import dev.poolmark.evaluator.score.GradeFile;
import dev.poolmark.evaluator.score.Measured;
import dev.poolmark.evaluator.score.ScoreFormula;
import dev.poolmark.evaluator.torch.PoolerFault;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Weighs formulas by a grader's scores. */
@Command(
    name = "calibrate",
    mixinStandardHelpOptions = true,
    description =
        "Weigh metrics, curves and ways of timing by scores that a real grader gave, and write what"
            + " they leave possible.")
final class CalibrateCommand implements Callable<Integer> {

  @Spec private CommandSpec spec;
  @Mixin private DataOptions data;
  @Mixin private PluginOptions plugins;
  @Mixin private RunOptions runs;

  @Option(
      names = "--grades",
      paramLabel = "FILE",
      required = true,
      description =
          "CSV with the columns quality,time, the grader's points, one of them may be empty, and"
              + " report or pooler: a file of 'score --protocols all --format json', or a spec or"
              + " x.zip that is measured now, on the data.")
  private Path grades;

  @Option(
      names = "--out",
      paramLabel = "FILE",
      defaultValue = "formula.json",
      description = "Where to write the formula, for 'score --formula' (${DEFAULT-VALUE}).")
  private Path out;

  @Override
  public Integer call() throws IOException {
    AtomicFile.check(out);
    Calibration calibration = Calibration.fit(GradeFile.read(grades, this::measure));
    calibration.formula().write(out);
    PrintWriter stdout = spec.commandLine().getOut();
    calibration.describe().forEach(stdout::println);
    stdout.println("written to " + out);
    return ExitCode.DONE;
  }

  /** A pooler that fails costs its own grades. */
  private Map<String, Measured> measure(List<String> poolers) throws IOException {
    PluginCatalog catalog = data.poolers(plugins.catalog());
    List<PoolerSpec> specs = poolers.stream().map(PoolerSpec::parse).toList();
    PoolerTurns<EvaluationReport> turns =
        new PoolerTurns<>(Poolmark.host(spec), catalog, EvaluationReport.class);
    int dim = data.dim();
    specs.forEach(pooler -> turns.check(pooler, dim));
    Map<String, Measured> measured = new HashMap<>();
    List<EvaluationReport> failed = new ArrayList<>();
    try (TokenStore store = data.open();
        ProgressDisplay display = runs.display()) {
      for (PoolerSpec pooler : specs) {
        EvaluationRequest request =
            runs.request(store, List.of(pooler), ScoreFormula.DEFAULT).withAllProtocols();
        Evaluation evaluation = new Evaluation(catalog, request, display);
        EvaluationResult result =
            turns.passingRow(
                pooler, () -> evaluation.run().get(0), finding -> evaluation.lost(pooler, finding));
        result
            .measured()
            .ifPresentOrElse(
                each -> measured.put(pooler.text(), each), () -> failed.add(result.report()));
      }
    }
    if (measured.isEmpty()) {
      throw new PoolerFault(why(failed.get(0)));
    }
    failed.forEach(report -> Note.tell(why(report) + "; its grades are left out"));
    return measured;
  }

  private static String why(EvaluationReport report) {
    return String.format(
        Locale.ROOT,
        "pooler '%s': %s",
        report.pooler().spec(),
        String.join("; ", report.findings()));
  }
}
