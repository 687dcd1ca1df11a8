package dev.poolmark.evaluator.training;

import dev.poolmark.evaluator.torch.Tensor;
import java.util.ArrayList;
import java.util.List;

/** All that a training carries from one epoch to the next. */
final class TrainingState {

  final List<String> names;
  final List<float[]> weights;
  final List<float[]> means;
  final List<float[]> squares;
  final List<float[]> averages;
  final List<float[]> best;
  final List<DevFigures> history = new ArrayList<>();
  int bestEpoch;
  long steps;

  private TrainingState(List<String> names, List<float[]> initial) {
    this.names = names;
    weights = copy(initial);
    averages = copy(initial);
    best = copy(initial);
    means = initial.stream().map(values -> new float[values.length]).toList();
    squares = initial.stream().map(values -> new float[values.length]).toList();
  }

  static TrainingState of(List<Tensor> initial) {
    return new TrainingState(
        initial.stream().map(Tensor::name).toList(), initial.stream().map(Tensor::values).toList());
  }

  /** The parts by the names that a checkpoint gives them. */
  List<Part> parts() {
    return List.of(
        new Part("weight", weights),
        new Part("mean", means),
        new Part("square", squares),
        new Part("average", averages),
        new Part("best", best));
  }

  record Part(String name, List<float[]> values) {}

  int epoch() {
    return history.size();
  }

  /** The figures of the best epoch; those of the initial weights are epoch 0's. */
  DevFigures bestFigures(DevFigures initial) {
    return bestEpoch == 0 ? initial : history.get(bestEpoch - 1);
  }

  /** The figures of the last epoch. */
  DevFigures latestFigures(DevFigures initial) {
    return history.isEmpty() ? initial : history.get(history.size() - 1);
  }

  void keepAsBest(List<float[]> values) {
    bestEpoch = epoch();
    for (int i = 0; i < values.size(); i++) {
      System.arraycopy(values.get(i), 0, best.get(i), 0, values.get(i).length);
    }
  }

  private static List<float[]> copy(List<float[]> values) {
    return values.stream().map(float[]::clone).toList();
  }
}
