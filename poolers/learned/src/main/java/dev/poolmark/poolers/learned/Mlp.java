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
 * Each token {@code x} becomes {@code x + relu(x A) B}, and these are added up. Without biases a
 * row of padding stays zero; and because a sum is linear, {@code B} is applied once, to the sum.
 */
public final class Mlp implements PoolerProvider {

  @Override
  public String name() {
    return "mlp";
  }

  @Override
  public String summary() {
    return "a small non-linear map of each token, then sum and projection";
  }

  @Override
  public List<PoolerOption> options() {
    return List.of(
        PoolerOption.integer("hidden", 256, "units of the hidden layer"),
        Head.OUTPUT_DIM,
        Head.DROPOUT);
  }

  @Override
  public Pooler create(PoolerOptions options) {
    int hidden = options.integer("hidden");
    int dim = options.inputDim();
    return Head.complete(
        options,
        List.of(
            String.format(
                Locale.ROOT,
                "h = torch.sum(torch.relu(torch.matmul(x, self.a)), [1])  # (batch, %d)",
                hidden),
            String.format(
                Locale.ROOT,
                "e = torch.add(torch.sum(x, [1]), torch.matmul(h, self.b))  # (batch, %d)",
                dim)),
        List.of(
            Weight.of("a", Init.normal(1 / Math.sqrt(dim)), dim, hidden),
            Weight.of("b", Init.zeros(), hidden, dim)),
        dim);
  }
}
