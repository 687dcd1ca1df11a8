package dev.poolmark.poolers.learned;

import dev.poolmark.api.Init;
import dev.poolmark.api.Pooler;
import dev.poolmark.api.PoolerOption;
import dev.poolmark.api.PoolerOptions;
import dev.poolmark.api.PoolerProvider;
import dev.poolmark.api.Weight;
import java.util.List;
import java.util.Locale;

/**
 * Each token is weighted by {@code exp} of a learned function of itself, per head, and the weighted
 * tokens are added up. A row of padding has the weight 1 and adds zero, so that no mask is needed;
 * the softmax's denominator would only scale the sentence, which cosine ignores.
 */
public final class Attention implements PoolerProvider {

  @Override
  public String name() {
    return "attention";
  }

  @Override
  public String summary() {
    return "tokens weighted by what they hold, then a projection";
  }

  @Override
  public List<PoolerOption> options() {
    return List.of(
        PoolerOption.integer("heads", 1, "how many weightings, side by side"),
        Head.OUTPUT_DIM,
        Head.DROPOUT);
  }

  @Override
  public Pooler create(PoolerOptions options) {
    int heads = options.integer("heads");
    int dim = options.inputDim();
    // One head starts as the plain sum; several start apart, or they would stay alike.
    Init start = heads == 1 ? Init.zeros() : Init.normal(0.02);
    return Head.complete(
        options,
        List.of(
            String.format(
                Locale.ROOT,
                "w = torch.exp(torch.clamp(torch.matmul(x, self.a), -10, 10))  # (batch, seq, %d)",
                heads),
            String.format(
                Locale.ROOT,
                "e = torch.flatten(torch.bmm(torch.transpose(w, 1, 2), x), 1)  # (batch, %d)",
                heads * dim)),
        List.of(Weight.of("a", start, dim, heads)),
        heads * dim);
  }
}
