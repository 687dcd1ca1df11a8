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
 * One encoder layer with its normalisations in front (Xiong et al., On Layer Normalization in the
 * Transformer Architecture, 2020), then {@link Attention}'s pooling. Self-attention looks at other
 * tokens, so here padding needs a mask, inferred: a row of zeros. It starts as the plain sum.
 */
public final class Transformer implements PoolerProvider {

  @Override
  public String name() {
    return "transformer";
  }

  @Override
  public String summary() {
    return "one pre-norm encoder layer over the tokens, then attention";
  }

  @Override
  public List<PoolerOption> options() {
    return List.of(
        PoolerOption.integer("heads", 4, "heads of the self-attention"),
        PoolerOption.integer("inner", 256, "width of queries, keys and values, all heads"),
        PoolerOption.integer("hidden", 512, "units of the feed-forward layer"),
        Head.OUTPUT_DIM,
        Head.DROPOUT);
  }

  @Override
  public Pooler create(PoolerOptions options) {
    int dim = options.inputDim();
    int heads = options.integer("heads");
    int inner = options.integer("inner");
    int hidden = options.integer("hidden");
    if (inner % heads != 0) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "option 'inner': expected a multiple of heads, %d, found %d",
              heads,
              inner));
    }
    return Head.complete(
        options, lines(dim, heads, inner / heads), weights(dim, inner, hidden), dim);
  }

  private static List<String> lines(int dim, int heads, int width) {
    String split =
        "torch.transpose(torch.reshape(torch.matmul(n, self.%s), [x.size(0), x.size(1), "
            + heads
            + ", "
            + width
            + "]), 1, 2)";
    return List.of(
        "m = torch.any(torch.ne(x, 0), 2, True)  # (batch, seq, 1): which tokens are real",
        String.format(Locale.ROOT, "n = torch.layer_norm(x, [%d], self.g1, self.b1)", dim),
        "q = " + String.format(Locale.ROOT, split, "q") + "  # (batch, heads, seq, width)",
        "k = " + String.format(Locale.ROOT, split, "k"),
        "v = " + String.format(Locale.ROOT, split, "v"),
        String.format(
            Locale.ROOT,
            "s = torch.mul(torch.matmul(q, torch.transpose(k, 2, 3)), %s)",
            1 / Math.sqrt(width)),
        "s = torch.masked_fill(s, torch.logical_not(torch.reshape(m, [x.size(0), 1, 1, x.size(1)])), -1e9)",
        "o = torch.matmul(torch.softmax(s, -1), v)",
        String.format(
            Locale.ROOT,
            "o = torch.reshape(torch.transpose(o, 1, 2), [x.size(0), x.size(1), %d])",
            heads * width),
        String.format(
            Locale.ROOT, "h = torch.add(x, torch.matmul(o, self.o))  # (batch, seq, %d)", dim),
        String.format(Locale.ROOT, "n = torch.layer_norm(h, [%d], self.g2, self.b2)", dim),
        "h = torch.add(h, torch.matmul(torch.relu(torch.matmul(n, self.f1)), self.f2))",
        "h = torch.mul(h, m)",
        "w = torch.exp(torch.clamp(torch.matmul(h, self.a), -10, 10))  # (batch, seq, 1)",
        String.format(
            Locale.ROOT,
            "e = torch.flatten(torch.bmm(torch.transpose(w, 1, 2), h), 1)  # (batch, %d)",
            dim));
  }

  private static List<Weight> weights(int dim, int inner, int hidden) {
    Init random = Init.normal(1 / Math.sqrt(dim));
    return List.of(
        Weight.of("g1", Init.ones(), dim),
        Weight.of("b1", Init.zeros(), dim),
        Weight.of("q", random, dim, inner),
        Weight.of("k", random, dim, inner),
        Weight.of("v", random, dim, inner),
        Weight.of("o", Init.zeros(), inner, dim),
        Weight.of("g2", Init.ones(), dim),
        Weight.of("b2", Init.zeros(), dim),
        Weight.of("f1", random, dim, hidden),
        Weight.of("f2", Init.zeros(), hidden, dim),
        Weight.of("a", Init.zeros(), dim, 1));
  }
}
