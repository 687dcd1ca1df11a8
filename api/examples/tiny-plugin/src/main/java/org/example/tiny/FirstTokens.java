package org.example.tiny;

import dev.poolmark.api.Pooler;
import dev.poolmark.api.PoolerOption;
import dev.poolmark.api.PoolerOptions;
import dev.poolmark.api.PoolerProvider;
import dev.poolmark.api.TorchPooler;
import java.util.List;

/** The sum of the first tokens; padding rows are zero and add nothing. */
public final class FirstTokens implements PoolerProvider {

  @Override
  public String name() {
    return "first_tokens";
  }

  @Override
  public String summary() {
    return "the sum of the first tokens";
  }

  @Override
  public List<PoolerOption> options() {
    return List.of(PoolerOption.integer("tokens", 8, "how many"));
  }

  @Override
  public Pooler create(PoolerOptions options) {
    String line = "return torch.sum(torch.split(x, %d, 1)[0], [1])";
    return TorchPooler.of(options.inputDim(), line.formatted(options.integer("tokens")));
  }
}
