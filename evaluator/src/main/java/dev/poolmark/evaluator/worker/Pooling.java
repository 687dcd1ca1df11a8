package dev.poolmark.evaluator.worker;

import dev.poolmark.evaluator.batch.ByLength;
import dev.poolmark.evaluator.plugin.PluginCatalog;
import dev.poolmark.evaluator.plugin.PoolerSpec;
import dev.poolmark.evaluator.torch.CompiledPooler;
import dev.poolmark.evaluator.torch.EmbeddingTensor;
import dev.poolmark.evaluator.torch.TokenTensor;
import dev.poolmark.evaluator.torch.TorchEngine;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Pools sentences that somebody has; a plugin's pooler of the last request stays compiled. */
final class Pooling {

  private static final int BATCH = 64;
  private static final long BATCH_BYTES = 32L << 20;
  private static final long SEED = 42;

  private record Key(PluginCatalog catalog, PoolerSpec spec, int dim) {}

  private Key key;
  private CompiledPooler pooler;
  private ByteBuffer room = ByteBuffer.allocateDirect(0);

  /** One embedding a sentence, in their order. */
  Embeddings pool(PluginCatalog catalog, PoolerSpec spec, Tokens tokens) {
    compile(new Key(catalog, spec, tokens.dim()));
    float[] values = null;
    int dim = 0;
    for (List<Integer> batch : batches(tokens)) {
      fill(batch, tokens);
      try (TokenTensor tensor = tensor(batch, tokens)) {
        EmbeddingTensor embeddings = pooler.forward(tensor);
        if (values == null) {
          dim = embeddings.dim(batch.size());
          values = new float[Math.multiplyExact(tokens.count(), dim)];
        }
        float[] rows = embeddings.values(batch.size(), dim);
        for (int i = 0; i < batch.size(); i++) {
          System.arraycopy(rows, i * dim, values, batch.get(i) * dim, dim);
        }
      }
    }
    return new Embeddings(values, tokens.count(), dim);
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
    if (pooler != null) {
      pooler.close();
    }
    pooler = compiled;
    key = wanted;
  }

  /** Sentences of like length together: the less is padded. */
  private static List<List<Integer>> batches(Tokens tokens) {
    List<List<Integer>> batches = new ArrayList<>();
    List<Integer> batch = new ArrayList<>();
    for (int sentence : ByLength.order(tokens.count(), tokens::length)) {
      long bytes = bytes(batch.size() + 1, tokens.length(sentence), tokens.dim());
      if (batch.size() == BATCH || (!batch.isEmpty() && bytes > BATCH_BYTES)) {
        batches.add(batch);
        batch = new ArrayList<>();
      }
      batch.add(sentence);
    }
    batches.add(batch);
    return batches;
  }

  private void fill(List<Integer> batch, Tokens tokens) {
    int longest = longest(batch, tokens);
    long bytes = bytes(batch.size(), longest, tokens.dim());
    if (bytes > Integer.MAX_VALUE) {
      throw new BadTokensException(
          String.format(
              Locale.ROOT, "expected a sentence of at most 2 GiB, found %d tokens", longest));
    }
    if (room.capacity() < bytes) {
      room = ByteBuffer.allocateDirect((int) bytes).order(ByteOrder.nativeOrder());
    }
    room.clear();
    for (int sentence : batch) {
      tokens.copy(sentence, room);
      int padding = (longest - tokens.length(sentence)) * tokens.dim();
      for (int i = 0; i < padding; i++) {
        room.putFloat(0);
      }
    }
  }

  private TokenTensor tensor(List<Integer> batch, Tokens tokens) {
    ByteBuffer filled = room.duplicate().flip().slice().order(ByteOrder.nativeOrder());
    return new TokenTensor(filled, batch.size(), longest(batch, tokens), tokens.dim());
  }

  private static int longest(List<Integer> batch, Tokens tokens) {
    return tokens.length(batch.get(batch.size() - 1));
  }

  private static long bytes(int sentences, int tokens, int dim) {
    return (long) sentences * tokens * dim * Float.BYTES;
  }
}
