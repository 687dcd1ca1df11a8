package dev.poolmark.evaluator.tuning;

import dev.poolmark.evaluator.dataset.PairFiles;
import dev.poolmark.evaluator.dataset.TokenStore;
import dev.poolmark.evaluator.dataset.TokenStores;
import dev.poolmark.evaluator.files.TemporaryFolder;
import dev.poolmark.evaluator.files.UserFolders;
import dev.poolmark.evaluator.plugin.PluginCatalog;
import dev.poolmark.evaluator.plugin.PoolerSpec;
import dev.poolmark.evaluator.plugin.SpecifiedPooler;
import dev.poolmark.evaluator.plugin.TrainedModel;
import dev.poolmark.evaluator.sentences.PairsReader;
import dev.poolmark.evaluator.torch.TorchEngine;
import dev.poolmark.evaluator.training.DataRows;
import dev.poolmark.evaluator.training.DevEvaluation;
import dev.poolmark.evaluator.training.Trainer;
import dev.poolmark.evaluator.training.TrainingEvent;
import dev.poolmark.evaluator.training.TrainingRequest;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;

/**
 * What {@code tune --refit} gains on sources of STS-B that neither training nor dev rows have: one
 * training on the training rows, whose epoch the dev rows choose, and the same on both.
 */
public final class RefitStudy {

  private static final int DIM = 768;
  private static final int SEEDS = 3;

  private final PluginCatalog plugins;
  private final Configuration configuration;
  private final Path model;

  private RefitStudy(PluginCatalog plugins, Configuration configuration, Path model) {
    this.plugins = plugins;
    this.configuration = configuration;
    this.model = model;
  }

  /**
   * Prints a line for each source and seed.
   *
   * @param args two folders of tokens, training and dev, the files of STS-B that they come from,
   *     the folder of plugins, which of the search's starters to train, and the sources to keep
   *     aside, in each word some, with commas
   */
  public static void main(String[] args) throws IOException {
    TorchEngine.start(1);
    List<String> sources = new ArrayList<>(PairsReader.sources(Path.of(args[2])).orElseThrow());
    sources.addAll(PairsReader.sources(Path.of(args[3])).orElseThrow());
    PluginCatalog plugins = PluginCatalog.of(List.of(Path.of(args[4])));
    Configuration configuration = starters(plugins).get(Integer.parseInt(args[5]));
    System.out.println(configuration);
    try (TemporaryFolder folder = new TemporaryFolder();
        TokenStore train = open(Path.of(args[0]));
        TokenStore dev = open(Path.of(args[1]));
        TuneData.Joined all = new TuneData(train, Optional.of(dev), folder.path(), 0).joined()) {
      RefitStudy study = new RefitStudy(plugins, configuration, folder.resolve("model"));
      for (String held : Arrays.copyOfRange(args, 6, args.length)) {
        Set<String> names = Set.of(held.split(","));
        DataRows aside = rows(all.rows(), row -> names.contains(sources.get(row)));
        DataRows both = all.rows().without(aside);
        DataRows devRows = rows(both, row -> row >= train.rows());
        for (int seed = 1; seed <= SEEDS; seed++) {
          System.out.println(held + " " + study.line(both, devRows, aside, seed));
        }
      }
    }
  }

  private static List<Configuration> starters(PluginCatalog plugins) {
    return new SearchSpace(
            plugins.poolers().stream()
                .filter(pooler -> pooler.name().equals("attention"))
                .map(pooler -> Architecture.of(pooler, DIM))
                .toList())
        .starters();
  }

  private String line(DataRows both, DataRows dev, DataRows aside, int seed) throws IOException {
    DataRows train = both.without(dev);
    List<TrainingEvent.Finished> end = new ArrayList<>();
    Trainer chosen =
        trainer(
            train,
            dev,
            seed,
            event -> {
              if (event instanceof TrainingEvent.Finished finished) {
                end.add(finished);
              }
            });
    double before = spearman(chosen.run(), aside);
    int epochs = end.get(0).bestEpoch();
    double after = spearman(trainer(both, dev, seed, event -> {}).runTo(epochs), aside);
    return String.format(
        Locale.ROOT,
        "seed %d: %d rows, %d with dev, %d aside, epoch %d; dev %.4f; aside %.4f, refitted %.4f, %+.4f",
        seed,
        train.size(),
        both.size(),
        aside.size(),
        epochs,
        end.get(0).dev().objective(),
        before,
        after,
        after - before);
  }

  private Trainer trainer(
      DataRows train, DataRows dev, int seed, Consumer<TrainingEvent> listener) {
    return new Trainer(
        new TrainingRequest(pooler(), train, dev, configuration.settings(1, seed), model, false),
        listener);
  }

  private SpecifiedPooler pooler() {
    return plugins.create(PoolerSpec.named(configuration.spec()), DIM);
  }

  private double spearman(TrainedModel trained, DataRows rows) {
    return DevEvaluation.figures(trained.pooler(() -> pooler().pooler()), rows).objective();
  }

  private static TokenStore open(Path folder) throws IOException {
    return TokenStores.open(
        PairFiles.in(folder), DIM, Optional.of(UserFolders.cache()), folder.toString());
  }

  private static DataRows rows(DataRows of, IntPredicate which) {
    return new DataRows(of.store(), IntStream.of(of.rows()).filter(which).toArray());
  }
}
