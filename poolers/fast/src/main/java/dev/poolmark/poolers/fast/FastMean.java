package dev.poolmark.poolers.fast;

/**
 * The mean of the real tokens, to the same numbers as {@code mean}: for graders that do not use
 * cosine. The sum needs no mask, and the number of tokens comes from {@link RealTokens}.
 */
public final class FastMean extends FastForm {

  public FastMean() {
    super(
        "fast_mean",
        "the mean of the tokens, their number found by two reductions",
        RealTokens.LARGEST,
        "n = torch.clamp(torch.sum(torch.gt(r, 0), [1]), 1)",
        "return torch.div(torch.sum(x, [1]), n)");
  }
}
