package dev.poolmark.poolers.fast;

/**
 * The sum of all rows. Padding rows are zero and add nothing; cosine ignores scale, so under cosine
 * this equals {@code mean} and {@code mean_sqrt_len_tokens} without looking for the mask.
 */
public final class Sum extends FastForm {

  public Sum() {
    super(
        "sum",
        "the sum of the tokens: under cosine equal to mean, without a mask",
        "return torch.sum(x, [1])");
  }
}
