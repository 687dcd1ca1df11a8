package dev.poolmark.evaluator.tuning;

import dev.poolmark.api.Init;
import dev.poolmark.api.Pooler;
import dev.poolmark.api.TorchPooler;
import dev.poolmark.evaluator.contest.Contest;
import dev.poolmark.evaluator.dataset.TokenStore;
import dev.poolmark.evaluator.evaluation.Evaluation;
import dev.poolmark.evaluator.evaluation.EvaluationReport;
import dev.poolmark.evaluator.evaluation.EvaluationRequest;
import dev.poolmark.evaluator.evaluation.EvaluationResult;
import dev.poolmark.evaluator.evaluation.Glance;
import dev.poolmark.evaluator.evaluation.Timing;
import dev.poolmark.evaluator.files.BadDataException;
import dev.poolmark.evaluator.files.Sha256;
import dev.poolmark.evaluator.plugin.BadSpecException;
import dev.poolmark.evaluator.plugin.InstalledPooler;
import dev.poolmark.evaluator.plugin.PluginCatalog;
import dev.poolmark.evaluator.plugin.PoolerSpec;
import dev.poolmark.evaluator.plugin.SpecifiedPooler;
import dev.poolmark.evaluator.score.Contender;
import dev.poolmark.evaluator.score.Ranking;
import dev.poolmark.evaluator.score.Scenario;
import dev.poolmark.evaluator.score.ScoreFormula;
import dev.poolmark.evaluator.submission.CheckReport;
import dev.poolmark.evaluator.submission.Python;
import dev.poolmark.evaluator.submission.Submission;
import dev.poolmark.evaluator.submission.SubmissionCheck;
import dev.poolmark.evaluator.submission.SubmissionRequest;
import dev.poolmark.evaluator.torch.PoolerFault;
import dev.poolmark.evaluator.torch.TensorType;
import dev.poolmark.evaluator.torch.TorchEngine;
import dev.poolmark.evaluator.training.DataRows;
import dev.poolmark.evaluator.training.DevFigures;
import dev.poolmark.evaluator.training.Trainer;
import dev.poolmark.evaluator.training.TrainingEvent;
import dev.poolmark.evaluator.training.TrainingRequest;
import dev.poolmark.evaluator.tuning.TrialTask.Described;
import dev.poolmark.evaluator.tuning.TrialTask.Looked;
import dev.poolmark.evaluator.tuning.TrialTask.Packed;
import dev.poolmark.evaluator.tuning.TrialTask.Prepared;
import dev.poolmark.evaluator.tuning.TrialTask.Ranked;
import dev.poolmark.evaluator.tuning.TrialTask.Referred;
import dev.poolmark.evaluator.tuning.TrialTask.Refitted;
import dev.poolmark.evaluator.tuning.TrialTask.Trained;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Consumer;

/** Does what {@link TrialTask}s ask, in a process that may run poolers. */
public final class TrialWork {

  private static final Duration CHECK_LIMIT = Duration.ofSeconds(60);

  /** Finds out where each pair was taken from, which only the first task wants to know. */
  @FunctionalInterface
  public interface Sources {
    Optional<List<String>> read() throws IOException;
  }

  private final TuneData data;
  private final Sources sources;
  private final PluginCatalog catalog;
  private final ScoreFormula formula;
  private final Consumer<PoolerSpec> trying;
  private final Consumer<Runnable> onCancel;

  /**
   * @param data labelled pairs
   * @param sources of these
   * @param dev others that choose; absent where a part of the data shall
   * @param folder where tasks leave what later ones need
   * @param devShare how large that part is
   * @param trying is told of each pooler before its code runs
   * @param onCancel is told what ends a training
   */
  public TrialWork(
      TokenStore data,
      Sources sources,
      Optional<TokenStore> dev,
      PluginCatalog catalog,
      ScoreFormula formula,
      Path folder,
      double devShare,
      Consumer<PoolerSpec> trying,
      Consumer<Runnable> onCancel) {
    this.data = new TuneData(data, dev, folder, devShare);
    this.sources = sources;
    this.catalog = catalog;
    this.formula = formula;
    this.trying = trying;
    this.onCancel = onCancel;
  }

  /** The task's answer. */
  public Object run(TrialTask task) throws IOException {
    if (task instanceof TrialTask.Prepare) {
      return prepare();
    } else if (task instanceof TrialTask.Describe describe) {
      return described(describe.without());
    } else if (task instanceof TrialTask.Reference reference) {
      DataRows aside = data.fold(reference.fold(), reference.folds()).dev();
      return new Referred(Quality.of(mean(), aside, formula).points());
    } else if (task instanceof TrialTask.Look look) {
      return look(look.spec());
    } else if (task instanceof TrialTask.Train train) {
      return train(train);
    } else if (task instanceof TrialTask.Refit refit) {
      return refit(refit);
    } else if (task instanceof TrialTask.Rank rank) {
      return rank(rank);
    }
    return pack((TrialTask.Pack) task);
  }

  private Prepared prepare() throws IOException {
    checkLabels(data.all(), "pairs");
    InspectionReport inspection = Inspection.of(data.all());
    TuneData.Parts parts = data.part(sources.read());
    try (TokenStore dev = data.dev()) {
      checkLabels(dev, "pairs to choose by");
      double quality = Quality.of(mean(), DataRows.all(dev), formula).points();
      Glance glance = Glance.at(mean(), catalog, dev, formula);
      return new Prepared(
          new Trial.Subject(inspection.sha256(), data.devKey(), formulaKey()),
          inspection,
          data.train().size(),
          dev.rows(),
          parts.groups(),
          parts.ways(),
          parts.by(),
          quality,
          glance.timePoints());
    }
  }

  private Described described(Set<String> without) {
    List<Architecture> trainable = new ArrayList<>();
    List<String> faults = new ArrayList<>();
    for (InstalledPooler pooler : catalog.poolers()) {
      try {
        if (!without.contains(pooler.name()) && isTrainable(pooler)) {
          trainable.add(Architecture.of(pooler, dim()));
        }
      } catch (PoolerFault e) {
        faults.add(
            String.format(
                Locale.ROOT, "The pooler '%s' is left out. %s", pooler.name(), e.getMessage()));
      }
    }
    return new Described(trainable, faults);
  }

  /** Nothing can be said of a quality where all pairs are labelled alike. */
  private static void checkLabels(TokenStore store, String which) {
    double[] labels = store.labels();
    if (Arrays.stream(labels).distinct().count() < 2) {
      throw new BadDataException(
          Path.of(store.name()),
          which + " whose labels differ",
          labels.length == 0
              ? "no pairs"
              : String.format(Locale.ROOT, "%d times %s", labels.length, labels[0]));
    }
  }

  /** Formulas that make the same points have the same. */
  private String formulaKey() {
    byte[] text = formula.toString().getBytes(StandardCharsets.UTF_8);
    return formula.equals(ScoreFormula.DEFAULT)
        ? "default"
        : HexFormat.of().formatHex(Sha256.newDigest().digest(text));
  }

  /** Whether it has weights that data give; a block of DJL can't be packed for the grader. */
  private boolean isTrainable(InstalledPooler pooler) {
    try {
      Pooler made = made(pooler.name()).pooler();
      return made instanceof TorchPooler lines
          && lines.weights().stream().anyMatch(weight -> !(weight.init() instanceof Init.Values));
    } catch (BadSpecException e) {
      return true; // of another width by default; an option may make it fit
    }
  }

  private Looked look(String spec) throws IOException {
    SpecifiedPooler pooler = made(spec);
    double perfect = formula.quality().mean(member -> member.points(1));
    if (pooler.pooler() instanceof TorchPooler lines) {
      long bytes = Float.BYTES * lines.weights().stream().mapToLong(weight -> weight.size()).sum();
      if (Contest.sizeFinding(bytes).isPresent()) {
        return new Looked(0, bytes, false, 0, perfect);
      }
    }
    try (TokenStore dev = data.dev()) {
      Glance glance = Glance.at(pooler, catalog, dev, formula);
      return new Looked(
          glance.referenceRatio(),
          glance.parameterBytes(),
          glance.withinSizeLimit(),
          glance.timePoints(),
          perfect + glance.timePoints());
    }
  }

  private Trained train(TrialTask.Train task) throws IOException {
    SpecifiedPooler pooler = made(task.spec());
    TorchEngine.start(1);
    try (TokenStore devStore = data.dev()) {
      DataRows dev = DataRows.all(devStore);
      DataRows.Split rows =
          task.fold() == null
              ? new DataRows.Split(data.train(), dev)
              : data.fold(task.fold(), task.folds());
      DataRows train = TuneData.share(rows.train(), task.share());
      TrainingRequest request =
          new TrainingRequest(pooler, train, dev, task.settings(), task.model(), false);
      List<DevFigures> curve = new ArrayList<>();
      int[] best = new int[1];
      Trainer trainer =
          new Trainer(
              request,
              event -> {
                if (event instanceof TrainingEvent.Epoch epoch) {
                  curve.add(epoch.dev());
                } else if (event instanceof TrainingEvent.Finished finished) {
                  best[0] = finished.bestEpoch();
                }
              });
      onCancel.accept(trainer::cancel);
      trainer.run();
      Quality quality = Quality.of(model("trained", task.model()), rows.dev(), formula);
      return new Trained(
          quality.figures(),
          quality.points(),
          quality.ci95(),
          quality.points() - task.reference(),
          train.size(),
          best[0],
          curve);
    }
  }

  private Refitted refit(TrialTask.Refit task) throws IOException {
    SpecifiedPooler pooler = made(task.spec());
    TorchEngine.start(1);
    try (TuneData.Joined all = data.joined();
        TokenStore dev = data.dev()) {
      TrainingRequest request =
          new TrainingRequest(
              pooler, all.rows(), DataRows.all(dev), task.settings(), task.model(), false);
      Trainer trainer = new Trainer(request, event -> {});
      onCancel.accept(trainer::cancel);
      trainer.runTo(task.epochs());
      return new Refitted(all.rows().size(), task.epochs());
    }
  }

  private SpecifiedPooler made(String spec) {
    PoolerSpec named = PoolerSpec.named(spec);
    trying.accept(named);
    return catalog.create(named, dim());
  }

  private SpecifiedPooler mean() {
    return catalog.create(PoolerSpec.named(Contest.REFERENCE), dim());
  }

  private SpecifiedPooler model(String name, Path model) {
    return catalog.create(PoolerSpec.file(name, model), dim());
  }

  private int dim() {
    return data.all().dim();
  }

  private Ranked rank(TrialTask.Rank task) throws IOException {
    List<EvaluationReport> reports = new ArrayList<>();
    List<Contender> contenders = new ArrayList<>();
    List<String> failed = new ArrayList<>();
    List<Scenario> scenarios = List.of();
    Timing timing = task.allProtocols() ? Timing.DEFAULT.withAllProtocols() : Timing.DEFAULT;
    try (TokenStore dev = data.dev()) {
      for (Map.Entry<String, Path> model : task.models().entrySet()) {
        PoolerSpec spec =
            model.getKey().equals(Contest.REFERENCE)
                ? PoolerSpec.named(Contest.REFERENCE)
                : PoolerSpec.file(model.getKey(), model.getValue());
        EvaluationRequest request =
            new EvaluationRequest(
                dev, List.of(spec), 64, formula, Optional.empty(), OptionalInt.empty(), timing);
        EvaluationResult result = new Evaluation(catalog, request, progress -> {}).run().get(0);
        scenarios = request.scenarios(); // the same of each
        reports.add(result.report());
        result
            .contender(formula)
            .ifPresentOrElse(contenders::add, () -> failed.add(model.getKey()));
      }
    }
    if (contenders.isEmpty()) {
      throw new PoolerFault(String.join("; ", reports.get(0).findings()));
    }
    return new Ranked(Ranking.of(contenders, failed, formula, scenarios), reports);
  }

  private Packed pack(TrialTask.Pack task) throws IOException {
    SpecifiedPooler pooler = model("best", task.model());
    try (TokenStore dev = data.dev()) {
      Submission submission =
          Submission.write(
              new SubmissionRequest(pooler, dim(), TensorType.FLOAT32, task.zip()), dev);
      Optional<Python> python = task.check() ? Python.find() : Optional.empty();
      CheckReport check =
          python.isEmpty()
              ? null
              : new SubmissionCheck(python.get(), dim(), Optional.of(dev), CHECK_LIMIT)
                  .of(task.zip());
      return new Packed(
          submission.weightsBytes(),
          submission
              .verification()
              .map(
                  found ->
                      String.format(
                          Locale.ROOT,
                          "Python %s, torch %s: %d sentences, largest difference %.2e",
                          found.python(),
                          found.torch(),
                          found.sentences(),
                          found.largestDifference()))
              .orElse(null),
          check);
    }
  }
}
