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
 * The sum of the tokens {@code e}, which padding cannot change, corrected by a matrix of low rank:
 * {@code e + e U V} (as Hu et al., LoRA, 2021). It keeps the width and costs a fraction of a whole
 * projection. It starts as the plain sum, {@code U} as the first principal axes.
 */
public final class LowRank implements PoolerProvider {

  @Override
  public String name() {
    return "low_rank";
  }

  @Override
  public String summary() {
    return "the sum of the tokens, corrected by a matrix of low rank";
  }

  @Override
  public List<PoolerOption> options() {
    return List.of(PoolerOption.integer("rank", 64, "rank of the correction"), Head.DROPOUT);
  }

  @Override
  public Pooler create(PoolerOptions options) {
    int dim = options.inputDim();
    int rank = options.integer("rank");
    if (rank > dim) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "option 'rank': expected at most %d, the width of the tokens, found %d",
              dim,
              rank));
    }
    return new TorchPooler(
        Head.withDropout(
            options,
            List.of(String.format(Locale.ROOT, "e = torch.sum(x, [1])  # (batch, %d)", dim)),
            String.format(
                Locale.ROOT,
                "return torch.add(e, torch.matmul(torch.matmul(e, self.u), self.v))  # (batch, %d)",
                dim)),
        List.of(
            Weight.of("u", Init.principalAxes(), dim, rank),
            Weight.of("v", Init.zeros(), rank, dim)),
        dim);
  }
}
