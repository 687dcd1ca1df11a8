package dev.poolmark.poolers.modes;

import java.util.List;
import java.util.Locale;

/** The mean of the real tokens. */
public final class Mean extends Mode {

  public Mean() {
    super("mean", "the mean of the tokens (the reference of the time score)");
  }

  @Override
  List<String> lines(String e) {
    return List.of(
        e + " = torch.sum(torch.mul(x, m), [1])",
        String.format(Locale.ROOT, "%s = torch.div(%s, torch.clamp(torch.sum(m, [1]), 1))", e, e));
  }
}
