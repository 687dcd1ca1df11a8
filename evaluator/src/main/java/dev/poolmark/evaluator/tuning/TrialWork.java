package dev.poolmark.evaluator.tuning;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.poolmark.api.Init;
import dev.poolmark.api.Pooler;
import dev.poolmark.api.TorchPooler;
import dev.poolmark.evaluator.contest.Contest;
import dev.poolmark.evaluator.dataset.Layout;
import dev.poolmark.evaluator.dataset.Side;
import dev.poolmark.evaluator.dataset.TokenStore;
import dev.poolmark.evaluator.dataset.TokenStoreWriter;
import dev.poolmark.evaluator.evaluation.Evaluation;
import dev.poolmark.evaluator.evaluation.EvaluationReport;
import dev.poolmark.evaluator.evaluation.EvaluationRequest;
import dev.poolmark.evaluator.evaluation.EvaluationResult;
import dev.poolmark.evaluator.evaluation.Glance;
import dev.poolmark.evaluator.evaluation.Timing;
import dev.poolmark.evaluator.files.AtomicFile;
import dev.poolmark.evaluator.files.BadDataException;
import dev.poolmark.evaluator.metric.Bootstrap;
import dev.poolmark.evaluator.metric.Interval;
import dev.poolmark.evaluator.metric.PairScores;
import dev.poolmark.evaluator.plugin.BadSpecException;
import dev.poolmark.evaluator.plugin.InstalledPooler;
import dev.poolmark.evaluator.plugin.PluginCatalog;
import dev.poolmark.evaluator.plugin.PoolerSpec;
import dev.poolmark.evaluator.plugin.SpecifiedPooler;
import dev.poolmark.evaluator.score.Contender;
import dev.poolmark.evaluator.score.QualityFormula;
import dev.poolmark.evaluator.score.Ranking;
import dev.poolmark.evaluator.score.Scenario;
import dev.poolmark.evaluator.score.ScoreFormula;
import dev.poolmark.evaluator.score.Setting;
import dev.poolmark.evaluator.submission.CheckReport;
import dev.poolmark.evaluator.submission.Python;
import dev.poolmark.evaluator.submission.Submission;
import dev.poolmark.evaluator.submission.SubmissionCheck;
import dev.poolmark.evaluator.submission.SubmissionRequest;
import dev.poolmark.evaluator.torch.CompiledPooler;
import dev.poolmark.evaluator.torch.PoolerFault;
import dev.poolmark.evaluator.torch.TensorType;
import dev.poolmark.evaluator.torch.TorchEngine;
import dev.poolmark.evaluator.training.DataRows;
import dev.poolmark.evaluator.training.DevEvaluation;
import dev.poolmark.evaluator.training.DevFigures;
import dev.poolmark.evaluator.training.GroupedFolds;
import dev.poolmark.evaluator.training.Trainer;
import dev.poolmark.evaluator.training.TrainingEvent;
import dev.poolmark.evaluator.training.TrainingRequest;
import dev.poolmark.evaluator.tuning.TrialTask.Looked;
import dev.poolmark.evaluator.tuning.TrialTask.Packed;
import dev.poolmark.evaluator.tuning.TrialTask.Prepared;
import dev.poolmark.evaluator.tuning.TrialTask.Ranked;
import dev.poolmark.evaluator.tuning.TrialTask.Trained;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Does what {@link TrialTask}s ask, in a process that may run poolers. */
public final class TrialWork {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final long SPLIT_SEED = 1;

  /** Of few pairs a larger share chooses, or any would look perfect on its two or three. */
  private static final double FEWEST_DEV_ROWS = 50;

  private static final Duration CHECK_LIMIT = Duration.ofSeconds(60);

  private final TokenStore data;
  private final Optional<TokenStore> givenDev;
  private final PluginCatalog catalog;
  private final ScoreFormula formula;
  private final Path folder;
  private final double devShare;
  private final Consumer<Runnable> onCancel;

  /**
   * @param data labelled pairs
   * @param dev others that choose; absent where a part of the data shall
   * @param folder where tasks leave what later ones need
   * @param devShare how large that part is
   * @param onCancel is told what ends a training
   */
  public TrialWork(
      TokenStore data,
      Optional<TokenStore> dev,
      PluginCatalog catalog,
      ScoreFormula formula,
      Path folder,
      double devShare,
      Consumer<Runnable> onCancel) {
    this.data = data;
    this.givenDev = dev;
    this.catalog = catalog;
    this.formula = formula;
    this.folder = folder;
    this.devShare = Math.max(devShare, Math.min(0.4, FEWEST_DEV_ROWS / data.rows()));
    this.onCancel = onCancel;
  }

  /** The task's answer. */
  public Object run(TrialTask task) throws IOException {
    if (task instanceof TrialTask.Prepare) {
      return prepare();
    } else if (task instanceof TrialTask.Look look) {
      return look(look.spec());
    } else if (task instanceof TrialTask.Train train) {
      return train(train);
    } else if (task instanceof TrialTask.Rank rank) {
      return rank(rank);
    }
    return pack((TrialTask.Pack) task);
  }

  private Prepared prepare() throws IOException {
    checkLabels();
    InspectionReport inspection = Inspection.of(data);
    GroupedFolds groups = GroupedFolds.bySentence(data);
    Files.createDirectories(folder);
    AtomicFile.writeString(groupsFile(), JSON.writeValueAsString(groups.groups()));
    if (givenDev.isEmpty()) {
      writeDev(groups.split(data, devShare, SPLIT_SEED).dev());
    }
    try (TokenStore dev = dev()) {
      double quality = points(mean(), DataRows.all(dev));
      Glance glance = Glance.at(mean(), catalog, dev, formula);
      return new Prepared(
          inspection,
          catalog.poolers().stream()
              .filter(this::isTrainable)
              .map(pooler -> Architecture.of(pooler, data.dim()))
              .toList(),
          trainRows(null, 0).size(),
          dev.rows(),
          groups.count(),
          quality,
          glance.timePoints());
    }
  }

  private void checkLabels() {
    double[] labels = data.labels();
    if (Arrays.stream(labels).distinct().count() < 2) {
      throw new BadDataException(
          Path.of(data.name()),
          "labels that differ",
          labels.length == 0
              ? "no pairs"
              : String.format(Locale.ROOT, "%d times %s", labels.length, labels[0]));
    }
  }

  /** Whether it has weights that data give; a block of DJL can't be packed for the grader. */
  private boolean isTrainable(InstalledPooler pooler) {
    try {
      Pooler made = catalog.create(PoolerSpec.named(pooler.name()), data.dim()).pooler();
      return made instanceof TorchPooler lines
          && lines.weights().stream().anyMatch(weight -> !(weight.init() instanceof Init.Values));
    } catch (BadSpecException e) {
      return true; // of another width by default; an option may make it fit
    } catch (PoolerFault e) {
      return false;
    }
  }

  private Looked look(String spec) throws IOException {
    SpecifiedPooler pooler = catalog.create(PoolerSpec.named(spec), data.dim());
    double perfect = formula.quality().mean(member -> member.points(1));
    if (pooler.pooler() instanceof TorchPooler lines) {
      long bytes = Float.BYTES * lines.weights().stream().mapToLong(weight -> weight.size()).sum();
      if (Contest.sizeFinding(bytes).isPresent()) {
        return new Looked(0, bytes, false, 0, perfect);
      }
    }
    try (TokenStore dev = dev()) {
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
    SpecifiedPooler pooler = catalog.create(PoolerSpec.named(task.spec()), data.dim());
    TorchEngine.start(1);
    try (TokenStore devStore = dev()) {
      DataRows dev = DataRows.all(devStore);
      DataRows aside = task.fold() == null ? dev : asideRows(task.fold(), task.folds());
      DataRows train = trainRows(task.fold(), task.folds()).share(task.share(), SPLIT_SEED);
      List<DevFigures> curve = new ArrayList<>();
      int[] best = new int[1];
      TrainingRequest request =
          new TrainingRequest(pooler, train, dev, task.settings(), task.model(), false);
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
      SpecifiedPooler trained = model("trained", task.model());
      PairScores scores = scores(trained, aside);
      double quality = points(scores);
      double reference = points(mean(), aside);
      return new Trained(
          DevEvaluation.figures(trained.pooler(), aside),
          quality,
          interval(scores),
          quality - reference,
          train.size(),
          best[0],
          curve);
    }
  }

  /** The rows to train on: without the dev rows, and without those of a fold. */
  private DataRows trainRows(@Nullable Integer fold, int folds) throws IOException {
    DataRows rows =
        givenDev.isPresent()
            ? DataRows.all(data)
            : groups().split(data, devShare, SPLIT_SEED).train();
    return fold == null ? rows : rows.without(folds(folds).get(fold).dev());
  }

  /** The rows of a fold: neither trained on, nor asked which epoch is the best. */
  private DataRows asideRows(int fold, int folds) throws IOException {
    DataRows rows = folds(folds).get(fold).dev();
    return givenDev.isPresent()
        ? rows
        : rows.without(groups().split(data, devShare, SPLIT_SEED).dev());
  }

  private List<DataRows.Split> folds(int folds) throws IOException {
    return groups().folds(data, folds, SPLIT_SEED);
  }

  private GroupedFolds groups() throws IOException {
    return new GroupedFolds(JSON.readValue(Files.readString(groupsFile()), int[].class));
  }

  private Path groupsFile() {
    return folder.resolve("groups.json");
  }

  private TokenStore dev() throws IOException {
    Path file = givenDev.isPresent() ? givenDev.get().path() : folder.resolve("dev.safetensors");
    return TokenStore.read(file, givenDev.isPresent() ? givenDev.get().name() : "dev");
  }

  /** As a data set of its own, for what scores whole data sets. */
  private void writeDev(DataRows rows) throws IOException {
    try (TokenStoreWriter writer = TokenStoreWriter.in(folder, Layout.PAIRS, data.dim())) {
      for (Side side : Layout.PAIRS.sides()) {
        if (side != Side.FIRST) {
          writer.nextSide();
        }
        for (int row : rows.rows()) {
          int length = data.length(side, row);
          ByteBuffer bytes =
              ByteBuffer.allocate(length * data.dim() * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
          data.copy(side, row, bytes);
          float[] values = new float[length * data.dim()];
          bytes.rewind().asFloatBuffer().get(values);
          writer.append(values, length);
        }
      }
      double[] labels = Arrays.stream(rows.rows()).mapToDouble(row -> data.labels()[row]).toArray();
      writer.commit("dev.safetensors", labels, "dev", data.sha256() + "-dev");
    }
  }

  private SpecifiedPooler mean() {
    return catalog.create(PoolerSpec.named(Contest.REFERENCE), data.dim());
  }

  private SpecifiedPooler model(String name, Path model) {
    return catalog.create(PoolerSpec.file(name, model), data.dim());
  }

  private double points(SpecifiedPooler pooler, DataRows rows) {
    return points(scores(pooler, rows));
  }

  private double points(PairScores scores) {
    return formula
        .quality()
        .mean((QualityFormula each) -> each.points(scores.correlation(each.metric())));
  }

  /** In which the points lie over other rows like these. */
  private double @Nullable [] interval(PairScores scores) {
    Bootstrap bootstrap = Bootstrap.ofPairs(scores.size());
    return formula
        .quality()
        .spread(each -> bootstrap.correlation(each.metric(), scores).map(each::points))
        .interval95()
        .map(Interval::toArray)
        .orElse(null);
  }

  private PairScores scores(SpecifiedPooler pooler, DataRows rows) {
    TorchEngine.start(1);
    TorchEngine.prepareThread();
    try (CompiledPooler compiled = CompiledPooler.of(pooler.pooler(), data.dim(), 0)) {
      return new DevEvaluation(rows, compiled.outputDim().orElseThrow()).scores(compiled::forward);
    }
  }

  private Ranked rank(TrialTask.Rank task) throws IOException {
    List<EvaluationReport> reports = new ArrayList<>();
    List<Contender> contenders = new ArrayList<>();
    List<String> failed = new ArrayList<>();
    try (TokenStore dev = dev()) {
      for (Map.Entry<String, Path> model : task.models().entrySet()) {
        PoolerSpec spec =
            model.getKey().equals(Contest.REFERENCE)
                ? PoolerSpec.named(Contest.REFERENCE)
                : PoolerSpec.file(model.getKey(), model.getValue());
        Timing timing = task.allProtocols() ? Timing.DEFAULT.withAllProtocols() : Timing.DEFAULT;
        EvaluationRequest request =
            new EvaluationRequest(
                dev, List.of(spec), 64, formula, Optional.empty(), OptionalInt.empty(), timing);
        EvaluationResult result = new Evaluation(catalog, request, progress -> {}).run().get(0);
        reports.add(result.report());
        result
            .contender(formula)
            .ifPresentOrElse(contenders::add, () -> failed.add(model.getKey()));
      }
    }
    if (contenders.isEmpty()) {
      throw new PoolerFault(String.join("; ", reports.get(0).findings()));
    }
    return new Ranked(
        Ranking.of(contenders, failed, formula, scenarios(contenders.get(0))), reports);
  }

  private List<Scenario> scenarios(Contender any) {
    List<Setting> settings =
        any.measured().times().keySet().stream()
            .sorted(Comparator.comparing(Setting::protocol).thenComparing(Setting::batchSize))
            .toList();
    return formula.isEnsemble()
        ? Scenario.of(formula, any.measured().counting())
        : Scenario.usual(settings);
  }

  private Packed pack(TrialTask.Pack task) throws IOException {
    SpecifiedPooler pooler = model("best", task.model());
    try (TokenStore dev = dev()) {
      Submission submission =
          Submission.write(
              new SubmissionRequest(pooler, data.dim(), TensorType.FLOAT32, task.zip()), dev);
      Optional<Python> python = task.check() ? Python.find() : Optional.empty();
      CheckReport check =
          python.isEmpty()
              ? null
              : new SubmissionCheck(python.get(), data.dim(), Optional.of(dev), CHECK_LIMIT)
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
