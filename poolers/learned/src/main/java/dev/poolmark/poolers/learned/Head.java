package dev.poolmark.poolers.learned;

import dev.poolmark.api.Init;
import dev.poolmark.api.PoolerOption;
import dev.poolmark.api.PoolerOptions;
import dev.poolmark.api.TorchPooler;
import dev.poolmark.api.Weight;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * What the learned poolers end with: the pooled sentence {@code e} through dropout, in training
 * only, and a projection to {@code output_dim} that starts as the principal axes. It has no bias:
 * under cosine one would move all sentences towards each other.
 */
final class Head {

  static final PoolerOption OUTPUT_DIM =
      PoolerOption.integer("output_dim", 320, "width of the sentence embeddings");
  static final PoolerOption DROPOUT =
      PoolerOption.number("dropout", 0.1, "share of pooled values dropped in training");

  private Head() {}

  /**
   * Completes a pooler.
   *
   * @param pooling lines that leave the pooled sentences, {@code (batch, width)}, in {@code e}
   * @param weights the weights of these lines
   * @param width a multiple of the token width
   */
  static TorchPooler complete(
      PoolerOptions options, List<String> pooling, List<Weight> weights, int width) {
    int outputDim = outputDim(options, width);
    List<String> forward =
        withDropout(
            options,
            pooling,
            String.format(Locale.ROOT, "return torch.matmul(e, self.p)  # (batch, %d)", outputDim));
    List<Weight> all = new ArrayList<>(weights);
    all.add(Weight.of("p", Init.principalAxes(), width, outputDim));
    return new TorchPooler(forward, all, outputDim);
  }

  /**
   * @param pooling lines that leave the pooled sentences in {@code e}
   * @param last the line that returns
   */
  static List<String> withDropout(PoolerOptions options, List<String> pooling, String last) {
    double dropout = options.number("dropout");
    if (dropout < 0 || dropout >= 1) {
      throw new IllegalArgumentException(
          "option 'dropout': expected a number from 0 to below 1, found " + dropout);
    }
    List<String> forward = new ArrayList<>(pooling);
    if (dropout > 0) {
      forward.add(String.format(Locale.ROOT, "e = torch.dropout(e, %s, self.training)", dropout));
    }
    forward.add(last);
    return forward;
  }

  static int outputDim(PoolerOptions options, int width) {
    int outputDim = options.integer("output_dim");
    if (outputDim > width) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "option 'output_dim': expected at most %d, the width before the projection, found %d",
              width,
              outputDim));
    }
    return outputDim;
  }
}
