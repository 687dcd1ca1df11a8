package dev.poolmark.poolers.fitted;

import dev.poolmark.api.Init;
import dev.poolmark.api.Pooler;
import dev.poolmark.api.PoolerOption;
import dev.poolmark.api.PoolerOptions;
import dev.poolmark.api.PoolerProvider;
import dev.poolmark.api.Weight;
import java.util.List;
import java.util.Locale;

/**
 * The mean direction of a sentence, moved to the training sentences' centre and scaled to equal
 * variance along their first principal axes (Su et al., Whitening Sentence Representations, 2021).
 */
public final class Whitening implements PoolerProvider {

  @Override
  public String name() {
    return "whitening";
  }

  @Override
  public String summary() {
    return "mean, then whitened principal axes: fitted, not trained";
  }

  @Override
  public List<PoolerOption> options() {
    return List.of(
        PoolerOption.integer("output_dim", 320, "width of the sentence embeddings"),
        PoolerOption.number(
            "power", 0.5, "how far variances are evened out: 0.5 to equal ones, 0 not at all"));
  }

  @Override
  public Pooler create(PoolerOptions options) {
    int dim = options.inputDim();
    int outputDim = options.integer("output_dim");
    if (outputDim > dim) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "option 'output_dim': expected at most %d, the width of the tokens, found %d",
              dim,
              outputDim));
    }
    return Directions.centred(
        dim,
        outputDim,
        List.of(
            String.format(Locale.ROOT, "return torch.matmul(e, self.p)  # (batch, %d)", outputDim)),
        List.of(Weight.fixed("p", Init.whitening(options.number("power")), dim, outputDim)));
  }
}
