package dev.poolmark.evaluator.worker;

import dev.poolmark.evaluator.batch.BatchPooler;
import dev.poolmark.evaluator.batch.Tokens;
import dev.poolmark.evaluator.plugin.PluginCatalog;
import dev.poolmark.evaluator.plugin.PoolerSpec;
import dev.poolmark.evaluator.torch.CompiledPooler;
import dev.poolmark.evaluator.torch.TorchEngine;

/** Pools sentences that somebody has; a plugin's pooler of the last request stays compiled. */
final class Pooling implements AutoCloseable {

  private static final long SEED = 42;

  private record Key(PluginCatalog catalog, PoolerSpec spec, int dim) {}

  private Key key;
  private CompiledPooler pooler;
  private BatchPooler batches;

  /** One embedding a sentence, in their order. */
  Embeddings pool(PluginCatalog catalog, PoolerSpec spec, Tokens tokens) {
    compile(new Key(catalog, spec, tokens.dim()));
    float[] values = batches.pool(tokens);
    return new Embeddings(values, tokens.count(), batches.width());
  }

  private void compile(Key wanted) {
    PoolerSpec spec = wanted.spec();
    if (wanted.equals(key) && spec instanceof PoolerSpec.Named) { // a file may have changed
      return;
    }
    wanted.catalog().check(spec, wanted.dim());
    TorchEngine.start(1);
    TorchEngine.prepareThread();
    CompiledPooler compiled =
        CompiledPooler.of(wanted.catalog().create(spec, wanted.dim()).pooler(), wanted.dim(), SEED);
    close();
    pooler = compiled;
    batches = BatchPooler.of(compiled);
    key = wanted;
  }

  @Override
  public void close() {
    if (pooler != null) {
      pooler.close();
    }
  }
}
