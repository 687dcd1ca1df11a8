package dev.poolmark.poolers.learned;

import dev.poolmark.api.Init;
import dev.poolmark.api.Pooler;
import dev.poolmark.api.PoolerOption;
import dev.poolmark.api.PoolerOptions;
import dev.poolmark.api.PoolerProvider;
import dev.poolmark.api.TorchPooler;
import dev.poolmark.api.Weight;
import java.util.List;
import java.util.Locale;

/**
 * The mean direction of a sentence, moved to the training sentences' centre and scaled to equal
 * variance along their first principal axes (Su et al., Whitening Sentence Representations, 2021).
 * The weights have a closed form, so there is nothing to train; {@code train} fits them.
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
        Head.OUTPUT_DIM,
        PoolerOption.number(
            "power", 0.5, "how far variances are evened out: 0.5 to equal ones, 0 not at all"));
  }

  @Override
  public Pooler create(PoolerOptions options) {
    int dim = options.inputDim();
    int outputDim = Head.outputDim(options, dim);
    return new TorchPooler(
        List.of(
            String.format(Locale.ROOT, "e = torch.sum(x, [1])  # (batch, %d)", dim),
            "n = torch.sqrt(torch.sum(torch.mul(e, e), [1], True))",
            "e = torch.div(e, torch.clamp(n, 1e-12))",
            String.format(
                Locale.ROOT,
                "return torch.matmul(torch.sub(e, self.m), self.p)  # (batch, %d)",
                outputDim)),
        List.of(
            Weight.fixed("m", Init.center(), dim),
            Weight.fixed("p", Init.whitening(options.number("power")), dim, outputDim)),
        outputDim);
  }
}
