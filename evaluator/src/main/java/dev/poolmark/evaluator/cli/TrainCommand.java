package dev.poolmark.evaluator.cli;

import dev.poolmark.evaluator.contest.Contest;
import dev.poolmark.evaluator.dataset.Layout;
import dev.poolmark.evaluator.dataset.TokenStore;
import dev.poolmark.evaluator.plugin.PluginCatalog;
import dev.poolmark.evaluator.plugin.PoolerSpec;
import dev.poolmark.evaluator.plugin.SpecifiedPooler;
import dev.poolmark.evaluator.sentences.SentenceFile;
import dev.poolmark.evaluator.torch.TorchEngine;
import dev.poolmark.evaluator.training.CarryOver;
import dev.poolmark.evaluator.training.DataRows;
import dev.poolmark.evaluator.training.GroupedFolds;
import dev.poolmark.evaluator.training.Initial;
import dev.poolmark.evaluator.training.Loss;
import dev.poolmark.evaluator.training.Trainer;
import dev.poolmark.evaluator.training.TrainingRequest;
import dev.poolmark.evaluator.training.TrainingSettings;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Trains a pooler. */
@Command(
    name = "train",
    mixinStandardHelpOptions = true,
    description =
        "Train a pooler's weights on labelled pairs or on triplets, and write the model's folder. With --format"
            + " json each event is a line of JSON.")
final class TrainCommand implements Callable<Integer> {

  @Spec private CommandSpec spec;
  @Mixin private DataOptions data;
  @Mixin private TripletOptions triplets;
  @Mixin private PluginOptions plugins;
  @Mixin private FormatOption format;

  @Option(
      names = "--dev",
      paramLabel = "DIR|FILE",
      description =
          "Pairs or triplets that choose the epoch to keep, a folder, or a file of sentences as"
              + " --pairs or --triplets. Without it, a part of the data.")
  private @Nullable Path dev;

  @Option(
      names = "--dev-share",
      paramLabel = "SHARE",
      defaultValue = "0.1",
      description =
          "Without --dev: the share of the rows that is kept for it, and shares no sentence with the"
              + " rest (${DEFAULT-VALUE}).")
  private double devShare;

  @Option(
      names = "--pooler",
      paramLabel = "SPEC",
      defaultValue = TrainingRequest.USUAL_POOLER,
      description = "The pooler to train, with its options (${DEFAULT-VALUE}).")
  private String pooler;

  @Option(
      names = "--out",
      paramLabel = "MODEL_DIR",
      required = true,
      description = "The folder for pooler.json and model.safetensors.")
  private Path out;

  @Option(
      names = "--resume",
      description = "Go on after the last epoch of an interrupted training of the same request.")
  private boolean resume;

  @Option(
      names = "--loss",
      paramLabel = "NAME",
      description =
          "What training minimises: spearman, pearson, correlations (the sum of both), cosent, angle,"
              + " cosine_mse or mnrl on pairs (spearman); mnrl, mnsrl, margin_mse or cosine_margin_mse on triplets (mnrl).")
  private @Nullable Loss loss;

  @Option(
      names = "--initial",
      paramLabel = "axes|whitened|standardised",
      defaultValue = "axes",
      description =
          "What projections start as: the principal axes, half whitened axes, or the axes of"
              + " standardised dimensions (${DEFAULT-VALUE}).")
  private Initial initial;

  @Option(
      names = "--unrelated",
      paramLabel = "SHARE",
      description =
          "Which share of a batch's pairs is added once more, with the second sentences of other"
              + " pairs and the label 0 (0.1; 0 with mnrl and on triplets).")
  private @Nullable Double unrelated;

  @Option(
      names = "--epochs",
      paramLabel = "N",
      defaultValue = "6",
      description = "How many epochs at most (${DEFAULT-VALUE}).")
  private int epochs;

  @Option(
      names = "--batch-size",
      paramLabel = "N",
      defaultValue = "256",
      description = "How many rows are in a batch (${DEFAULT-VALUE}).")
  private int batchSize;

  @Option(
      names = "--learning-rate",
      paramLabel = "X",
      defaultValue = "1e-3",
      description = "The highest learning rate, after the warm-up (${DEFAULT-VALUE}).")
  private double learningRate;

  @Option(
      names = "--warmup",
      paramLabel = "SHARE",
      defaultValue = "0.1",
      description = "Share of the steps in which the learning rate rises (${DEFAULT-VALUE}).")
  private double warmup;

  @Option(
      names = "--weight-decay",
      paramLabel = "X",
      defaultValue = "0.01",
      description = "The weight decay of AdamW, for matrices (${DEFAULT-VALUE}).")
  private double weightDecay;

  @Option(
      names = "--clip-norm",
      paramLabel = "X",
      defaultValue = "1",
      description = "Gradients that are longer are shortened to this length (${DEFAULT-VALUE}).")
  private double clipNorm;

  @Option(
      names = "--averaging",
      paramLabel = "DECAY",
      defaultValue = "0",
      description =
          "The decay of the moving average of the weights, or 0 for none (${DEFAULT-VALUE}).")
  private double averaging;

  @Option(
      names = "--patience",
      paramLabel = "N",
      defaultValue = "3",
      description = "End after so many epochs without a better dev figure (${DEFAULT-VALUE}).")
  private int patience;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "1",
      description = "Decides split, initial weights, order and dropout (${DEFAULT-VALUE}).")
  private long seed;

  @Option(
      names = "--folds",
      paramLabel = "K",
      description =
          "First train without each of K folds that share no sentence, nor a source where the pairs'"
              + " file tells it of K or more, and tell what is gained over 'mean' there.")
  private @Nullable Integer folds;

  @Option(
      names = "--seeds",
      paramLabel = "N",
      defaultValue = "1",
      description =
          "Do that with N seeds, from --seed on; without --folds on 4 (${DEFAULT-VALUE}).")
  private int seeds;

  @Option(
      names = "--threads",
      paramLabel = "N",
      description = "How many cores to train on. Without it, all.")
  private @Nullable Integer threads;

  @Override
  public Integer call() throws IOException {
    Layout layout = triplets.triplets().isPresent() ? Layout.TRIPLETS : data.layout();
    TrainingSettings settings = settings(layout);
    PluginCatalog catalog = data.poolers(plugins.catalog());
    PoolerSpec named = PoolerSpec.parse(pooler);
    Poolmark.host(spec).trying(named.text(), catalog.origin(named), true);
    SpecifiedPooler specified = catalog.create(named, data.dim());
    TorchEngine.start(threads == null ? Runtime.getRuntime().availableProcessors() : threads);
    try (TokenStore store = open()) {
      if (folds != null || seeds > 1) {
        carryOver(catalog, named, store, settings, layout);
      }
      if (dev == null) {
        DataRows.Split split =
            GroupedFolds.bySentence(store).split(DataRows.all(store), devShare, seed);
        train(new TrainingRequest(specified, split.train(), split.dev(), settings, out, resume));
      } else {
        try (TokenStore devStore = data.openOther(dev, layout)) {
          DataRows devRows = DataRows.all(devStore);
          DataRows trainRows = DataRows.all(store);
          train(new TrainingRequest(specified, trainRows, devRows, settings, out, resume));
        }
      }
    }
    return ExitCode.DONE;
  }

  private void carryOver(
      PluginCatalog catalog,
      PoolerSpec named,
      TokenStore store,
      TrainingSettings settings,
      Layout layout)
      throws IOException {
    int count = folds == null ? 4 : folds;
    if (count < 2 || seeds < 1) {
      throw new ParameterException(
          spec.commandLine(),
          String.format(
              Locale.ROOT,
              "expected --folds of at least 2 and --seeds of at least 1, found %d and %d",
              count,
              seeds));
    }
    int dim = store.dim();
    GroupedFolds bySentence = GroupedFolds.bySentence(store);
    GroupedFolds groups =
        data.sources().map(sources -> bySentence.andBySource(sources, count)).orElse(bySentence);
    Optional<TokenStore> devStore =
        dev == null ? Optional.empty() : Optional.of(data.openOther(dev, layout));
    try (TrainingDisplay display =
        TrainingDisplay.of(
            format.isJson(), spec.commandLine().getOut(), spec.commandLine().getErr())) {
      CarryOver carryOver =
          new CarryOver(
              () -> catalog.create(named, dim),
              catalog.create(PoolerSpec.named(Contest.REFERENCE), dim),
              devStore.map(DataRows::all),
              bySentence,
              devShare,
              display);
      Poolmark.host(spec).onCancel(carryOver::cancel);
      carryOver.measure(groups.folds(store, count, settings.seed()), settings, seeds);
    } finally {
      devStore.ifPresent(TokenStore::close);
    }
  }

  private TokenStore open() throws IOException {
    Optional<SentenceFile> texts = triplets.triplets();
    return texts.isPresent() ? data.encode(texts.get()) : data.openRows();
  }

  private TrainingSettings settings(Layout layout) {
    Loss chosen = loss == null ? Loss.usual(layout) : loss;
    try {
      return new TrainingSettings(
          chosen,
          initial,
          unrelated == null ? chosen.usualUnrelated() : unrelated,
          epochs,
          batchSize,
          learningRate,
          warmup,
          weightDecay,
          clipNorm,
          averaging,
          patience,
          seed);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), "--" + e.getMessage());
    }
  }

  /** On Ctrl-C the training ends between two steps. */
  private void train(TrainingRequest request) throws IOException {
    try (TrainingDisplay display =
        TrainingDisplay.of(
            format.isJson(), spec.commandLine().getOut(), spec.commandLine().getErr())) {
      Trainer trainer = new Trainer(request, display);
      Poolmark.host(spec).onCancel(trainer::cancel);
      trainer.run();
    }
  }
}
