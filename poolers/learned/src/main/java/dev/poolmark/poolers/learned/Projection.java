package dev.poolmark.poolers.learned;

import dev.poolmark.api.Pooler;
import dev.poolmark.api.PoolerOption;
import dev.poolmark.api.PoolerOptions;
import dev.poolmark.api.PoolerProvider;
import java.util.List;
import java.util.Locale;

/**
 * The sum of the tokens, which padding cannot change, through a learned projection: the cheapest
 * pooler that can be trained.
 */
public final class Projection implements PoolerProvider {

  @Override
  public String name() {
    return "projection";
  }

  @Override
  public String summary() {
    return "the sum of the tokens, then a projection";
  }

  @Override
  public List<PoolerOption> options() {
    return List.of(Head.OUTPUT_DIM, Head.DROPOUT);
  }

  @Override
  public Pooler create(PoolerOptions options) {
    int dim = options.inputDim();
    return Head.complete(
        options,
        List.of(String.format(Locale.ROOT, "e = torch.sum(x, [1])  # (batch, %d)", dim)),
        List.of(),
        dim);
  }
}
