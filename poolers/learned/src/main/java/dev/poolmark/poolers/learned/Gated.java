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
 * A sigmoid gate lets each token through, or each of its dimensions: {@code sum(sigmoid(...) * x)}.
 * Whatever the gate says of a row of padding, it multiplies zeros.
 */
public final class Gated implements PoolerProvider {

  @Override
  public String name() {
    return "gated";
  }

  @Override
  public String summary() {
    return "tokens through a sigmoid gate, then a projection";
  }

  @Override
  public List<PoolerOption> options() {
    return List.of(
        PoolerOption.choice(
            "per", "token", List.of("token", "dimension"), "what the gate opens and closes"),
        Head.OUTPUT_DIM,
        Head.DROPOUT);
  }

  @Override
  public Pooler create(PoolerOptions options) {
    int dim = options.inputDim();
    return options.choice("per").equals("token")
        ? perToken(options, dim)
        : perDimension(options, dim);
  }

  private static TorchPooler perToken(PoolerOptions options, int dim) {
    return Head.complete(
        options,
        List.of(
            "g = torch.sigmoid(torch.add(torch.matmul(x, self.a), self.b))  # (batch, seq, 1)",
            String.format(
                Locale.ROOT,
                "e = torch.flatten(torch.bmm(torch.transpose(g, 1, 2), x), 1)  # (batch, %d)",
                dim)),
        List.of(Weight.of("a", Init.zeros(), dim, 1), Weight.of("b", Init.zeros(), 1)),
        dim);
  }

  private static TorchPooler perDimension(PoolerOptions options, int dim) {
    return Head.complete(
        options,
        List.of(
            String.format(
                Locale.ROOT,
                "g = torch.sigmoid(torch.add(torch.mul(x, self.a), self.b))  # (batch, seq, %d)",
                dim),
            String.format(Locale.ROOT, "e = torch.sum(torch.mul(g, x), [1])  # (batch, %d)", dim)),
        List.of(Weight.of("a", Init.zeros(), dim), Weight.of("b", Init.zeros(), dim)),
        dim);
  }
}
