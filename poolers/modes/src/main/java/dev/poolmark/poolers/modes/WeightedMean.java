package dev.poolmark.poolers.modes;

import java.util.List;
import java.util.Locale;

/** The mean of the real tokens, weighted 1..T by position (Muennighoff, SGPT, 2022). */
public final class WeightedMean extends Mode {

  public WeightedMean() {
    super("weightedmean", "the mean of the tokens, weighted 1..T by position");
  }

  @Override
  List<String> lines(String e) {
    return List.of(
        "w = torch.mul(torch.cumsum(torch.ones_like(m), 1), m)",
        e + " = torch.sum(torch.mul(x, w), [1])",
        String.format(Locale.ROOT, "%s = torch.div(%s, torch.clamp(torch.sum(w, [1]), 1))", e, e));
  }
}
