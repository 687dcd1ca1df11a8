package dev.poolmark.server.rogue;

import dev.poolmark.api.Pooler;
import dev.poolmark.api.PoolerOption;
import dev.poolmark.api.PoolerOptions;
import dev.poolmark.api.PoolerProvider;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/** Holds up whoever merely looks at what there is. */
public final class HangingPooler implements PoolerProvider {

  static {
    while (!Thread.interrupted()) {
      LockSupport.park();
    }
  }

  @Override
  public String name() {
    return "hanging";
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
