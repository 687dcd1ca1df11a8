package dev.poolmark.evaluator.folder;

import dev.poolmark.api.Init;
import dev.poolmark.api.Weight;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** A module of the folder behind the transformer, as lines of torch. */
sealed interface Stage {

  /** The lines that take {@code e}, or for the first one {@code x}, and leave {@code e}. */
  List<String> lines();

  default List<Weight> weights() {
    return List.of();
  }

  /** Width of {@code e} behind it. */
  int outputDim();

  /**
   * Tokens to a sentence: the modes side by side.
   *
   * @param inputDim width of the tokens
   * @param skipped so many tokens at the start, those of a prompt, don't count; {@code cls} is the
   *     first one that does
   */
  record Pooling(List<PoolingMode> modes, int inputDim, int skipped) implements Stage {

    @Override
    public List<String> lines() {
      List<String> lines = new ArrayList<>();
      lines.add("m = torch.any(torch.ne(x, 0), 2, True)");
      if (skipped > 0) {
        lines.add(
            String.format(
                Locale.ROOT,
                "m = torch.logical_and(m, torch.gt(torch.cumsum(m, 1), %d))",
                skipped));
      }
      for (int i = 0; i < modes.size(); i++) {
        lines.addAll(modes.get(i).lines(modes.size() == 1 ? "e" : "e" + i, skipped == 0));
      }
      if (modes.size() > 1) {
        lines.add(
            IntStream.range(0, modes.size())
                .mapToObj(i -> "e" + i)
                .collect(Collectors.joining(", ", "e = torch.cat([", "], 1)")));
      }
      return lines;
    }

    @Override
    public int outputDim() {
      return modes.size() * inputDim;
    }
  }

  /**
   * A linear layer.
   *
   * @param name prefix of its weights' names
   * @param weight (out, in), as torch has it
   * @param bias none, or as many as out
   * @param residual whether the input is added to the output
   * @param residualWeight (out, in), where the input has another width; else none
   */
  record Dense(
      String name,
      int inputDim,
      int outputDim,
      float[] weight,
      float[] bias,
      Activation activation,
      boolean residual,
      float[] residualWeight)
      implements Stage {

    @Override
    public List<String> lines() {
      List<String> lines = new ArrayList<>();
      if (residual) {
        lines.add(residualWeight.length > 0 ? "r = " + product("residual") : "r = e");
      }
      lines.add("e = " + product("weight"));
      if (bias.length > 0) {
        lines.add(String.format(Locale.ROOT, "e = torch.add(e, self.%s_bias)", name));
      }
      activation.line().ifPresent(lines::add);
      if (residual) {
        lines.add("e = torch.add(e, r)");
      }
      return lines;
    }

    private String product(String weight) {
      return String.format(
          Locale.ROOT, "torch.matmul(e, torch.transpose(self.%s_%s, 0, 1))", name, weight);
    }

    @Override
    public List<Weight> weights() {
      List<Weight> weights = new ArrayList<>();
      weights.add(Weight.of(name + "_weight", Init.values(weight), outputDim, inputDim));
      if (bias.length > 0) {
        weights.add(Weight.of(name + "_bias", Init.values(bias), outputDim));
      }
      if (residualWeight.length > 0) {
        weights.add(
            Weight.of(name + "_residual", Init.values(residualWeight), outputDim, inputDim));
      }
      return weights;
    }
  }

  /** Division by the L2 norm. */
  record Normalize(int outputDim) implements Stage {
    @Override
    public List<String> lines() {
      return List.of(
          "n = torch.sqrt(torch.sum(torch.mul(e, e), [1], True))",
          "e = torch.div(e, torch.clamp(n, 1e-12))");
    }
  }
}
