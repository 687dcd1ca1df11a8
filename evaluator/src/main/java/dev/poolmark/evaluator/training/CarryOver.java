package dev.poolmark.evaluator.training;

import dev.poolmark.evaluator.files.TemporaryFolder;
import dev.poolmark.evaluator.metric.Interval;
import dev.poolmark.evaluator.metric.MeanInterval;
import dev.poolmark.evaluator.plugin.SpecifiedPooler;
import dev.poolmark.evaluator.plugin.TrainedModel;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What a training gains over the reference on rows that were kept aside: neither trained on nor
 * asked which epoch is the best. It is trained without each fold, with several seeds.
 */
public final class CarryOver {

  private static final long SPLIT_SEED = 1;

  private final Supplier<SpecifiedPooler> pooler;
  private final SpecifiedPooler reference;
  private final Optional<DataRows> dev;
  private final GroupedFolds bySentence;
  private final double devShare;
  private final Consumer<TrainingEvent> listener;
  private @Nullable Trainer running;
  private boolean cancelled;

  /**
   * @param pooler makes it anew for each training
   * @param dev rows that choose the epoch; absent where a share of the training rows shall
   * @param bySentence groups of the training rows, for that share
   */
  public CarryOver(
      Supplier<SpecifiedPooler> pooler,
      SpecifiedPooler reference,
      Optional<DataRows> dev,
      GroupedFolds bySentence,
      double devShare,
      Consumer<TrainingEvent> listener) {
    this.pooler = pooler;
    this.reference = reference;
    this.dev = dev;
    this.bySentence = bySentence;
    this.devShare = devShare;
    this.listener = listener;
  }

  /** Trains without each fold, with so many seeds from that of the settings on. */
  public void measure(List<DataRows.Split> folds, TrainingSettings settings, int seeds)
      throws IOException {
    List<Double> gains = new ArrayList<>();
    List<DevFigures> references = new ArrayList<>(); // which no seed changes
    for (int s = 0; s < seeds; s++) {
      for (int fold = 0; fold < folds.size(); fold++) {
        long seed = settings.seed() + s;
        DataRows.Split split = folds.get(fold);
        DevFigures trained = train(split, settings.withSeed(seed));
        if (s == 0) {
          references.add(DevEvaluation.figures(reference.pooler(), split.dev()));
        }
        DevFigures without = references.get(fold);
        double gain = trained.objective() - without.objective();
        gains.add(gain);
        listener.accept(
            new TrainingEvent.Fold(fold + 1, folds.size(), seed, trained, without, gain));
      }
    }
    double[] values = gains.stream().mapToDouble(gain -> gain).toArray();
    listener.accept(
        new TrainingEvent.CarriesOver(
            values.length,
            MeanInterval.mean(values),
            MeanInterval.of95(values).map(Interval::toArray).orElse(null)));
  }

  /** Ends the training between two steps; may come from any thread. */
  public synchronized void cancel() {
    cancelled = true;
    if (running != null) {
      running.cancel();
    }
  }

  private DevFigures train(DataRows.Split split, TrainingSettings settings) throws IOException {
    try (TemporaryFolder folder = new TemporaryFolder()) {
      DataRows.Split chosen =
          dev.map(rows -> new DataRows.Split(split.train(), rows))
              .orElseGet(() -> bySentence.split(split.train(), devShare, SPLIT_SEED));
      TrainingRequest request =
          new TrainingRequest(
              pooler.get(), chosen.train(), chosen.dev(), settings, folder.resolve("model"), false);
      TrainedModel model = start(new Trainer(request, event -> {})).run();
      return DevEvaluation.figures(model.pooler(() -> request.pooler().pooler()), split.dev());
    }
  }

  private synchronized Trainer start(Trainer trainer) {
    if (cancelled) {
      throw new CancellationException("interrupted");
    }
    running = trainer;
    return trainer;
  }
}
