package dev.poolmark.poolers.fast;

/**
 * The largest value of each column over the real tokens, to the same numbers as {@code max}. {@code
 * amax} computes no indices, which {@code max(dim)} does at many times the cost; padding rows,
 * found by {@link RealTokens}, are pushed below every other value by one addition.
 */
public final class Amax extends FastForm {

  public Amax() {
    super(
        "amax",
        "max without the indices that max(dim) computes",
        RealTokens.LARGEST,
        "return torch.amax(torch.add(x, torch.mul(torch.eq(r, 0), -1e9)), [1])");
  }
}
