package dev.poolmark.poolers.fast;

/**
 * The largest value of each column over the tokens, or zero where all are negative. One pass: with
 * zero as a floor, rows of zeros change nothing, so padding needs no mask.
 */
public final class ReluMax extends FastForm {

  public ReluMax() {
    super(
        "relu_max",
        "max with zero as its floor, which padding cannot change",
        "return torch.relu(torch.amax(x, [1]))");
  }
}
