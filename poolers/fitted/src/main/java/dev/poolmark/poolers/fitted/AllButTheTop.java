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
 * The mean direction of a sentence, centred, less its part in the first principal components of the
 * training sentences, which tell of frequency rather than of meaning (Mu and Viswanath,
 * All-but-the-Top, 2018).
 */
public final class AllButTheTop implements PoolerProvider {

  @Override
  public String name() {
    return "abtt";
  }

  @Override
  public String summary() {
    return "mean, centred, without its first principal components: fitted, not trained";
  }

  @Override
  public List<PoolerOption> options() {
    return List.of(PoolerOption.integer("k", 7, "how many components are taken away"));
  }

  @Override
  public Pooler create(PoolerOptions options) {
    int dim = options.inputDim();
    int k = options.integer("k");
    if (k >= dim) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "option 'k': expected less than %d, the width of the tokens, found %d",
              dim,
              k));
    }
    return Directions.centred(
        dim,
        dim,
        List.of(
            "c = torch.matmul(torch.matmul(e, self.u), torch.transpose(self.u, 0, 1))",
            "return torch.sub(e, c)"),
        List.of(Weight.fixed("u", Init.whitening(0), dim, k)));
  }
}
