package dev.poolmark.poolers.modes;

import java.util.List;
import java.util.Locale;

/** The largest value of each column over the real tokens, as sentence-transformers computes it. */
public final class Max extends Mode {

  public Max() {
    super("max", "the largest value of each column over the tokens");
  }

  @Override
  List<String> lines(String e) {
    return List.of(
        e + " = torch.masked_fill(x, torch.logical_not(m), -1e9)",
        String.format(Locale.ROOT, "%s, i = torch.max(%s, 1)", e, e));
  }
}
