package dev.poolmark.poolers.fitted;

import dev.poolmark.api.Init;
import dev.poolmark.api.Pooler;
import dev.poolmark.api.PoolerOption;
import dev.poolmark.api.PoolerOptions;
import dev.poolmark.api.PoolerProvider;
import dev.poolmark.api.Weight;
import java.util.List;

/**
 * The mean direction of a sentence, each dimension less its mean and over its standard deviation
 * among the training sentences: a few "rogue" dimensions no longer decide every cosine (Timkey and
 * van Schijndel, All Bark and No Bite, 2021).
 */
public final class Standardize implements PoolerProvider {

  @Override
  public String name() {
    return "standardize";
  }

  @Override
  public String summary() {
    return "mean, each dimension centred and of variance 1: fitted, not trained";
  }

  @Override
  public List<PoolerOption> options() {
    return List.of();
  }

  @Override
  public Pooler create(PoolerOptions options) {
    int dim = options.inputDim();
    return Directions.centred(
        dim,
        dim,
        List.of("return torch.mul(e, self.s)"),
        List.of(Weight.fixed("s", Init.inverseDeviation(), dim)));
  }
}
