package dev.poolmark.poolers.fitted;

import dev.poolmark.api.Init;
import dev.poolmark.api.TorchPooler;
import dev.poolmark.api.Weight;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * What the fitted poolers start with: the direction of a sentence's sum of tokens, which padding
 * cannot change, less the centre of the training sentences' directions.
 */
final class Directions {

  private Directions() {}

  /**
   * Completes a pooler.
   *
   * @param lines that take the centred direction {@code e}, {@code (batch, dim)}, and return
   * @param weights the weights of these lines
   */
  static TorchPooler centred(int dim, int outputDim, List<String> lines, List<Weight> weights) {
    List<String> forward = new ArrayList<>();
    forward.add(String.format(Locale.ROOT, "e = torch.sum(x, [1])  # (batch, %d)", dim));
    forward.add("n = torch.sqrt(torch.sum(torch.mul(e, e), [1], True))");
    forward.add("e = torch.sub(torch.div(e, torch.clamp(n, 1e-12)), self.m)");
    forward.addAll(lines);
    List<Weight> all = new ArrayList<>();
    all.add(Weight.fixed("m", Init.center(), dim));
    all.addAll(weights);
    return new TorchPooler(forward, all, outputDim);
  }
}
