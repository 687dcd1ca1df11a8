package dev.poolmark.evaluator.worker;

import dev.poolmark.evaluator.batch.BatchPooler;
import dev.poolmark.evaluator.batch.Tokens;
import dev.poolmark.evaluator.plugin.PluginCatalog;
import dev.poolmark.evaluator.plugin.PoolerSpec;
import dev.poolmark.evaluator.torch.CompiledPooler;
import dev.poolmark.evaluator.torch.TorchEngine;
import org.jspecify.annotations.Nullable;

/** Pools sentences that somebody has; a plugin's pooler of the last request stays compiled. */
final class Pooling implements AutoCloseable {

  private static final long SEED = 42;

  private record Key(PluginCatalog catalog, PoolerSpec spec, int dim) {}

  private record Compiled(Key key, CompiledPooler pooler, BatchPooler batches) {}

  private @Nullable Compiled last;

  /** One embedding a sentence, in their order. */
  Embeddings pool(PluginCatalog catalog, PoolerSpec spec, Tokens tokens) {
    BatchPooler batches = compiled(new Key(catalog, spec, tokens.dim())).batches();
    float[] values = batches.pool(tokens);
    return new Embeddings(values, tokens.count(), batches.width());
  }

  private Compiled compiled(Key wanted) {
    PoolerSpec spec = wanted.spec();
    // Only a name's: a file may have changed.
    if (last != null && wanted.equals(last.key()) && spec instanceof PoolerSpec.Named) {
      return last;
    }
    wanted.catalog().check(spec, wanted.dim());
    TorchEngine.start(1);
    TorchEngine.prepareThread();
    CompiledPooler pooler =
        CompiledPooler.of(wanted.catalog().create(spec, wanted.dim()).pooler(), wanted.dim(), SEED);
    close();
    last = new Compiled(wanted, pooler, BatchPooler.of(pooler));
    return last;
  }

  @Override
  public void close() {
    if (last != null) {
      last.pooler().close();
    }
  }
}
