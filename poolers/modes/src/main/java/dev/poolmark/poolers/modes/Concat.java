package dev.poolmark.poolers.modes;

import dev.poolmark.api.Pooler;
import dev.poolmark.api.PoolerOption;
import dev.poolmark.api.PoolerOptions;
import dev.poolmark.api.PoolerProvider;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;

/** Several modes side by side, in the order given. */
public final class Concat implements PoolerProvider {

  private static final Map<String, Mode> MODES = new LinkedHashMap<>();

  static {
    for (Mode mode :
        List.of(
            new Cls(),
            new Max(),
            new Mean(),
            new MeanSqrtLen(),
            new WeightedMean(),
            new LastToken())) {
      MODES.put(mode.name(), mode);
    }
  }

  @Override
  public String name() {
    return "concat";
  }

  @Override
  public String summary() {
    return "several modes side by side";
  }

  @Override
  public List<PoolerOption> options() {
    return List.of(
        PoolerOption.list(
            "modes", "mean+max", List.copyOf(MODES.keySet()), "which ones, in their order"),
        Mode.NORMALIZE);
  }

  @Override
  public Pooler create(PoolerOptions options) {
    List<String> modes = options.list("modes");
    List<String> lines = new ArrayList<>();
    List<String> parts = new ArrayList<>();
    for (String mode : modes) {
      String part = "e" + parts.size();
      lines.addAll(Objects.requireNonNull(MODES.get(mode), mode).lines(part));
      parts.add(part);
    }
    lines.add(String.format(Locale.ROOT, "e = torch.cat([%s], 1)", String.join(", ", parts)));
    return Mode.pooler(lines, modes.size() * options.inputDim(), options.flag("normalize"));
  }
}
