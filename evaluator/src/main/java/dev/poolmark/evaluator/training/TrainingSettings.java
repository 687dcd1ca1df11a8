package dev.poolmark.evaluator.training;

import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import java.util.Locale;
import java.util.Objects;

/**
 * How to train.
 *
 * @param initial what projections start as
 * @param unrelated share of a batch's pairs that is added with second sentences of other pairs and
 *     the label 0; only for losses that compare labels
 * @param epochs how often every pair is seen, at most
 * @param batchSize pairs a step
 * @param learningRate the highest, after the warm-up; from there it falls in a line to zero
 * @param warmup share of all steps in which it rises from zero
 * @param weightDecay AdamW's, of matrices
 * @param clipNorm longer gradients, all weights taken together, are shortened to this
 * @param averaging decay of the moving average of the weights, which is what is kept; 0 for none
 * @param patience epochs without a better dev figure after which training ends
 * @param seed of the split, the initial weights, the order of pairs and dropout
 */
@JsonNaming(SnakeCaseStrategy.class)
public record TrainingSettings(
    Loss loss,
    Initial initial,
    double unrelated,
    int epochs,
    int batchSize,
    double learningRate,
    double warmup,
    double weightDecay,
    double clipNorm,
    double averaging,
    int patience,
    long seed) {

  public TrainingSettings {
    Objects.requireNonNull(loss, "loss");
    Objects.requireNonNull(initial, "initial");
    require(unrelated >= 0 && unrelated <= 1, "unrelated: expected a share from 0 to 1", unrelated);
    require(
        unrelated == 0 || loss.takesUnrelated(),
        String.format(
            Locale.ROOT, "unrelated: expected 0 with %s, which compares no labels", loss.key()),
        unrelated);
    require(epochs >= 1, "epochs: expected at least 1", epochs);
    require(batchSize >= 2, "batch-size: expected at least 2", batchSize);
    require(
        learningRate > 0 && learningRate <= 1,
        "learning-rate: expected above 0, to 1",
        learningRate);
    require(warmup >= 0 && warmup <= 1, "warmup: expected a share from 0 to 1", warmup);
    require(weightDecay >= 0 && weightDecay < 10, "weight-decay: expected at least 0", weightDecay);
    require(clipNorm > 0, "clip-norm: expected above 0", clipNorm);
    require(averaging >= 0 && averaging < 1, "averaging: expected 0 to below 1", averaging);
    require(patience >= 1, "patience: expected at least 1", patience);
  }

  /** The same with another seed. */
  public TrainingSettings withSeed(long other) {
    return new TrainingSettings(
        loss,
        initial,
        unrelated,
        epochs,
        batchSize,
        learningRate,
        warmup,
        weightDecay,
        clipNorm,
        averaging,
        patience,
        other);
  }

  private static void require(boolean condition, String expected, Number found) {
    if (!condition) {
      throw new IllegalArgumentException(expected + ", found " + found);
    }
  }

  /** The learning rate of a step, counted from 0, of so many. */
  double learningRate(long step, long steps) {
    double rising = warmup * steps;
    return step + 1 <= rising
        ? learningRate * (step + 1) / rising
        : learningRate * (steps - step) / Math.max(1, steps - rising);
  }
}
