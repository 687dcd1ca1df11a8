package dev.poolmark.evaluator.training;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.poolmark.api.BlockPooler;
import dev.poolmark.api.TorchPooler;
import dev.poolmark.evaluator.plugin.TrainedModel;
import dev.poolmark.evaluator.torch.GroupedTokens;
import dev.poolmark.evaluator.torch.PoolerFault;
import dev.poolmark.evaluator.torch.Tensor;
import dev.poolmark.evaluator.torch.TorchEngine;
import dev.poolmark.evaluator.torch.TrainablePooler;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.OptionalInt;
import java.util.concurrent.CancellationException;
import java.util.function.Consumer;
import java.util.stream.IntStream;

/**
 * Trains a pooler on the thread that calls it. After each epoch the state is on disk; a cancel ends
 * the training between two steps.
 */
public final class Trainer {

  private final TrainingRequest request;
  private final TrainingSettings settings;
  private final Consumer<TrainingEvent> listener;
  private final Checkpoint checkpoint;
  private final RowBatches tensor;
  private final DevEvaluation evaluation;
  private final long start = System.nanoTime();

  // From run() on.
  @SuppressWarnings("NullAway.Init")
  private List<Tensor> initial;

  @SuppressWarnings("NullAway.Init")
  private List<Boolean> trainable;

  @SuppressWarnings("NullAway.Init")
  private TrainingState state;

  private OptionalInt lastEpoch = OptionalInt.empty();

  private volatile boolean cancelled;

  @SuppressWarnings("NullAway.Init")
  private List<float[]> gradients;

  @SuppressWarnings("NullAway.Init")
  private List<float[]> trainedGradients;

  private long resumedSteps;

  public Trainer(TrainingRequest request, Consumer<TrainingEvent> listener) {
    this.request = request;
    this.settings = request.settings();
    this.listener = listener;
    this.checkpoint = new Checkpoint(request);
    this.tensor = new RowBatches(request.train().store());
    this.evaluation = new DevEvaluation(request.dev(), request.outputDim());
  }

  /**
   * Trains, and writes the model of the best epoch.
   *
   * @throws PoolerFault when the pooler's lines fail, or the loss is no longer a number
   * @throws dev.poolmark.evaluator.files.BadDataException when there is nothing to resume
   * @throws CancellationException when it was cancelled
   */
  public TrainedModel run() throws IOException {
    TorchEngine.prepareThread();
    try (TrainablePooler pooler = compile()) {
      initial = pooler.weights();
      trainable = pooler.trainable();
      request.checkSize(parameters());
      state = TrainingState.of(initial);
      gradients = state.weights.stream().map(values -> new float[values.length]).toList();
      trainedGradients =
          IntStream.range(0, gradients.size())
              .filter(trainable::get)
              .mapToObj(gradients::get)
              .toList();
      DevFigures before = evaluation.of(pooler::embed);
      if (request.resume()) {
        checkpoint.read(state);
        resumedSteps = state.steps;
      }
      listener.accept(started(before));
      while (!isOver()) {
        TrainingEvent.Epoch epoch = trainEpoch(pooler, before);
        checkpoint.write(state);
        listener.accept(epoch);
      }
      return finish(before);
    }
  }

  /**
   * Trains to the end of an epoch of its schedule, and writes that model: dev rows that are among
   * the training rows can't choose one.
   *
   * @param epoch 0 for the initial weights
   * @see #run()
   */
  public TrainedModel runTo(int epoch) throws IOException {
    lastEpoch = OptionalInt.of(epoch);
    return run();
  }

  /** Ends the training between two steps; may come from any thread. */
  public void cancel() {
    cancelled = true;
  }

  private TrainablePooler compile() {
    List<String> loss =
        settings.loss().lines(request.train().store().layout(), settings.unrelated());
    if (request.pooler().pooler() instanceof TorchPooler lines) {
      List<Tensor> fitted =
          FittedWeights.of(lines, request.train(), settings.initial(), settings.seed());
      return TrainablePooler.of(lines, fitted, loss);
    }
    BlockPooler block = (BlockPooler) request.pooler().pooler();
    return TrainablePooler.of(block, request.train().store().dim(), settings.seed(), loss);
  }

  private long parameters() {
    return initial.stream().mapToLong(weight -> weight.values().length).sum();
  }

  private TrainingEvent started(DevFigures before) {
    return new TrainingEvent.Started(
        request.pooler().spec(),
        request.train().size(),
        request.dev().size(),
        parameters(),
        state.epoch(),
        isFittedOnly() ? 0 : epochs(),
        before);
  }

  private boolean isOver() {
    return isFittedOnly()
        || state.epoch() >= epochs()
        || state.epoch() - state.bestEpoch >= settings.patience();
  }

  private boolean isChosenByDev() {
    return lastEpoch.isEmpty();
  }

  private int epochs() {
    return lastEpoch.orElse(settings.epochs());
  }

  /** Weights that only the data gives have nothing for gradients to change. */
  private boolean isFittedOnly() {
    return !trainable.contains(true);
  }

  private TrainingEvent.Epoch trainEpoch(TrainablePooler pooler, DevFigures before) {
    long epochStart = System.nanoTime();
    int epoch = state.epoch() + 1;
    // Seeds of the epoch's own, so that a resumed training draws what an uninterrupted one does.
    long seed = settings.seed() * 1_000_003 + epoch;
    pooler.seed(seed);
    pooler.setWeights(state.weights);
    int[] order = DataRows.shuffled(request.train().rows(), seed);
    int steps = stepsAnEpoch();
    DevFigures latest = state.latestFigures(before);
    double losses = 0;
    for (int step = 0; step < steps; step++) {
      int[] rows = Arrays.copyOfRange(order, edge(step, steps), edge(step + 1, steps));
      double loss = step(pooler, rows);
      if (!Double.isFinite(loss)) {
        throw new PoolerFault(
            String.format(
                Locale.ROOT,
                "expected a finite loss, found %s in epoch %d, step %d; a lower learning rate may help",
                loss,
                epoch,
                step + 1));
      }
      losses += loss;
      listener.accept(
          new TrainingEvent.Step(epoch, step + 1, steps, loss, latest, eta(epoch, step + 1)));
      if (cancelled) {
        throw new CancellationException(
            epoch == 1
                ? "interrupted in epoch 1, before there was anything to resume"
                : String.format(
                    Locale.ROOT,
                    "interrupted in epoch %d; --resume goes on after epoch %d",
                    epoch,
                    epoch - 1));
      }
    }
    List<float[]> candidate = settings.averaging() > 0 ? state.averages : state.weights;
    pooler.setWeights(candidate);
    DevFigures figures = evaluation.of(pooler::embed);
    boolean best = !isChosenByDev() || figures.isBetterThan(state.bestFigures(before));
    state.history.add(figures);
    if (best) {
      state.keepAsBest(candidate);
    }
    return new TrainingEvent.Epoch(epoch, losses / steps, figures, best, secondsSince(epochStart));
  }

  private double step(TrainablePooler pooler, int[] rows) {
    float loss;
    try (GroupedTokens x = tensor.grouped(rows)) {
      loss = pooler.step(x, tensor.numbers(rows), gradients);
    }
    double rate = settings.learningRate(state.steps, (long) settings.epochs() * stepsAnEpoch());
    state.steps++;
    AdamW.clip(trainedGradients, settings.clipNorm());
    for (int i = 0; i < gradients.size(); i++) {
      if (trainable.get(i)) {
        // Decay is for matrices; gains and biases have no reason to be near zero.
        double decay = initial.get(i).shape().size() > 1 ? settings.weightDecay() : 0;
        AdamW.step(
            state.weights.get(i),
            gradients.get(i),
            state.means.get(i),
            state.squares.get(i),
            state.steps,
            rate,
            decay);
        average(state.averages.get(i), state.weights.get(i));
      } else {
        float[] values = pooler.values(i);
        System.arraycopy(values, 0, state.weights.get(i), 0, values.length);
        System.arraycopy(values, 0, state.averages.get(i), 0, values.length);
      }
    }
    pooler.setWeights(state.weights);
    return loss;
  }

  private void average(float[] average, float[] weights) {
    // At first the decay is smaller, or the initial weights would stay for long.
    double decay = Math.min(settings.averaging(), state.steps / (state.steps + 10.0));
    float share = (float) (1 - decay);
    for (int i = 0; i < average.length; i++) {
      average[i] += share * (weights[i] - average[i]);
    }
  }

  private int stepsAnEpoch() {
    return Math.max(1, (request.train().size() + settings.batchSize() / 2) / settings.batchSize());
  }

  /** Batches of nearly the same size, none of them tiny. */
  private int edge(int step, int steps) {
    return (int) ((long) request.train().size() * step / steps);
  }

  private double eta(int epoch, int step) {
    int steps = stepsAnEpoch();
    long done = (long) (epoch - 1) * steps + step;
    long here = state.steps - resumedSteps;
    return secondsSince(start) / here * ((long) epochs() * steps - done);
  }

  private static double secondsSince(long nanos) {
    return (System.nanoTime() - nanos) / 1e9;
  }

  private TrainedModel finish(DevFigures before) throws IOException {
    List<Tensor> best = new ArrayList<>();
    for (int i = 0; i < initial.size(); i++) {
      best.add(new Tensor(initial.get(i).name(), initial.get(i).shape(), state.best.get(i)));
    }
    TrainedModel model =
        new TrainedModel(
            request.pooler().name(),
            request.pooler().spec(),
            request.pooler().plugin(),
            request.pooler().version(),
            request.train().store().dim(),
            request.outputDim(),
            request.architecture(),
            best,
            account(before));
    model.write(request.out());
    checkpoint.delete();
    listener.accept(
        new TrainingEvent.Finished(
            request.out().toString(),
            state.epoch(),
            state.bestEpoch,
            state.bestFigures(before),
            secondsSince(start)));
    return model;
  }

  private ObjectNode account(DevFigures before) {
    ObjectMapper json = new ObjectMapper();
    ObjectNode account = json.createObjectNode();
    account.set("train", data(request.train()));
    if (isChosenByDev()) {
      account.set("dev", data(request.dev()));
    }
    account.set("settings", json.valueToTree(settings));
    account.put("seed", settings.seed());
    account.put("epochs", state.epoch());
    account.put("best_epoch", state.bestEpoch);
    if (isChosenByDev()) {
      account.set("dev_before", json.valueToTree(before));
      account.set("dev_best", json.valueToTree(state.bestFigures(before)));
      account.set("dev_history", json.valueToTree(state.history));
    }
    account
        .putObject("versions")
        .put("poolmark", Trainer.class.getPackage().getImplementationVersion())
        .put("torch", TorchEngine.version())
        .put("java", System.getProperty("java.version"));
    return account;
  }

  private static ObjectNode data(DataRows rows) {
    return new ObjectMapper()
        .createObjectNode()
        .put("name", rows.store().name())
        .put(rows.store().layout().key(), rows.size())
        .put("sha256", rows.store().sha256());
  }
}
