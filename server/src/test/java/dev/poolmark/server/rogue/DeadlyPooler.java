package dev.poolmark.server.rogue;

import dev.poolmark.api.Pooler;
import dev.poolmark.api.PoolerOption;
import dev.poolmark.api.PoolerOptions;
import dev.poolmark.api.PoolerProvider;
import java.util.List;

/** Ends the process of whoever merely looks at what there is. */
public final class DeadlyPooler implements PoolerProvider {

  public DeadlyPooler() {
    Runtime.getRuntime().halt(9);
  }

  @Override
  public String name() {
    return "deadly";
  }

  @Override
  public String summary() {
    return "for a test";
  }

  @Override
  public List<PoolerOption> options() {
    return List.of();
  }

  @Override
  public Pooler create(PoolerOptions options) {
    return null;
  }
}
