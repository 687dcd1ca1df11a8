package dev.poolmark.poolers.modes;

import java.util.List;
import java.util.Locale;

/** The sum of the real tokens over the square root of their number. */
public final class MeanSqrtLen extends Mode {

  public MeanSqrtLen() {
    super("mean_sqrt_len_tokens", "the sum of the tokens over the square root of their number");
  }

  @Override
  List<String> lines(String e) {
    return List.of(
        e + " = torch.sum(torch.mul(x, m), [1])",
        String.format(
            Locale.ROOT,
            "%s = torch.div(%s, torch.sqrt(torch.clamp(torch.sum(m, [1]), 1)))",
            e,
            e));
  }
}
