package dev.poolmark.evaluator.plugin;

import dev.poolmark.api.Init;
import dev.poolmark.api.Pooler;
import dev.poolmark.api.TorchPooler;
import java.util.Optional;

/**
 * The pooler that a spec names, made with its options.
 *
 * @param spec as written
 * @param plugin the jar or file that it comes from
 */
public record SpecifiedPooler(
    String name, String spec, String plugin, String version, Pooler pooler) {

  /** A finding where it has weights that nobody has chosen: they say little of its lines. */
  public Optional<String> untrained() {
    return pooler instanceof TorchPooler lines
            && lines.weights().stream().anyMatch(weight -> !(weight.init() instanceof Init.Values))
        ? Optional.of("its weights are initial ones, not trained: see 'poolmark train'")
        : Optional.empty();
  }
}
