package dev.poolmark.poolers.fast;

import dev.poolmark.api.Pooler;
import dev.poolmark.api.PoolerOption;
import dev.poolmark.api.PoolerOptions;
import dev.poolmark.api.PoolerProvider;
import dev.poolmark.api.TorchPooler;
import java.util.List;

/** A pooling that leaves the width as it is and has nothing to choose. */
abstract class FastForm implements PoolerProvider {

  private final String name;
  private final String summary;
  private final String[] forward;

  /**
   * @param forward lines that return the sentences, {@code (batch, dim)}
   */
  FastForm(String name, String summary, String... forward) {
    this.name = name;
    this.summary = summary;
    this.forward = forward;
  }

  @Override
  public final String name() {
    return name;
  }

  @Override
  public final String summary() {
    return summary;
  }

  @Override
  public final List<PoolerOption> options() {
    return List.of();
  }

  @Override
  public final Pooler create(PoolerOptions options) {
    return TorchPooler.of(options.inputDim(), forward);
  }
}
