package dev.poolmark.evaluator.evaluation;

import dev.poolmark.evaluator.batch.BatchBuffer;
import dev.poolmark.evaluator.batch.StoreTokens;
import dev.poolmark.evaluator.batch.TokenBatch;
import dev.poolmark.evaluator.batch.Tokens;
import dev.poolmark.evaluator.contest.Contest;
import dev.poolmark.evaluator.dataset.TokenStore;
import dev.poolmark.evaluator.plugin.PluginCatalog;
import dev.poolmark.evaluator.plugin.PoolerSpec;
import dev.poolmark.evaluator.plugin.SpecifiedPooler;
import dev.poolmark.evaluator.torch.CompiledPooler;
import dev.poolmark.evaluator.torch.TokenTensor;
import dev.poolmark.evaluator.torch.TorchEngine;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** A bench in this process. The thread that calls it assembles each batch, and passes it. */
final class TorchBench implements Bench {

  /** Of weights that are not given. */
  static final long SEED = 42;

  private static final long WARM_UP_NANOS = 50_000_000;
  private static final int[] ONE_SENTENCE = {0};

  private final TokenStore data;
  private final RunLimit limit;
  private final CompiledPooler pooler;
  private final CompiledPooler reference;
  private final Tokens sentences;
  private final BatchBuffer buffer = new BatchBuffer();
  private final BatchBuffer waiting = new BatchBuffer();
  private final int outputDim;

  private TorchBench(
      TokenStore data, RunLimit limit, CompiledPooler pooler, CompiledPooler reference) {
    this.data = data;
    this.limit = limit;
    this.pooler = pooler;
    this.reference = reference;
    this.sentences = StoreTokens.of(data, IntStream.range(0, data.rows()).toArray());
    this.outputDim = pooler.outputDim().orElseGet(this::measuredDim);
  }

  /**
   * Compiles the pooler and the reference.
   *
   * @throws dev.poolmark.evaluator.torch.PoolerFault when the pooler can't be compiled
   */
  static TorchBench open(
      SpecifiedPooler subject, PluginCatalog catalog, TokenStore data, RunLimit limit) {
    CompiledPooler pooler = CompiledPooler.of(subject.pooler(), data.dim(), SEED);
    CompiledPooler reference = null;
    try {
      PoolerSpec mean = PoolerSpec.parse(Contest.REFERENCE);
      reference = CompiledPooler.of(catalog.create(mean, data.dim()).pooler(), data.dim(), SEED);
      return new TorchBench(data, limit, pooler, reference);
    } catch (Throwable e) {
      pooler.close();
      if (reference != null) {
        reference.close();
      }
      throw e;
    }
  }

  private int measuredDim() {
    try (TokenTensor tokens = tensor(ONE_SENTENCE)) {
      return pooler.forward(tokens).dim(1);
    }
  }

  @Override
  public Engine engine() {
    return Engine.JAVA;
  }

  @Override
  public Facts facts() {
    return new Facts(
        outputDim,
        pooler.parameterCount(),
        pooler.parameterBytes(),
        TorchEngine.version(),
        TorchEngine.threads(),
        null);
  }

  @Override
  public float[] embed(int[] batch) {
    limit.check();
    try (TokenTensor tokens = tensor(batch)) {
      return pooler.forward(tokens).values(batch.length, outputDim);
    }
  }

  /** A sentence alone takes so little that Java's part is compiled soon; then a batch as it is. */
  @Override
  public void warmUp(Condition condition) {
    warmUp(ONE_SENTENCE);
    warmUp(condition.batches(data).get(0));
  }

  private void warmUp(int[] batch) {
    try (TokenTensor tokens = tensor(batch)) {
      long end = System.nanoTime() + WARM_UP_NANOS;
      do {
        limit.check();
        time(pooler, tokens);
        time(reference, tokens);
      } while (System.nanoTime() < end);
    }
  }

  @Override
  public long pass(Runner runner, Condition condition) {
    CompiledPooler timed = runner == Runner.POOLER ? pooler : reference;
    return switch (condition.protocol()) {
      case FRESH -> condition.batches(data).stream().mapToLong(batch -> fresh(timed, batch)).sum();
      case COLD -> cold(timed, condition.batches(data));
      case HOT -> condition.batches(data).stream().mapToLong(batch -> hot(timed, batch)).sum();
    };
  }

  @Override
  public long pass(int[] batch) {
    return fresh(pooler, batch);
  }

  private long fresh(CompiledPooler timed, int[] batch) {
    limit.check();
    try (TokenTensor tokens = tensor(batch)) {
      return time(timed, tokens);
    }
  }

  private long cold(CompiledPooler timed, List<int[]> batches) {
    List<TokenTensor> assembled = new ArrayList<>();
    try {
      for (TokenBatch batch : waiting.fill(sentences, batches)) {
        assembled.add(tensor(batch));
      }
      long nanos = 0;
      for (TokenTensor tokens : assembled) {
        limit.check();
        nanos += time(timed, tokens);
      }
      return nanos;
    } finally {
      assembled.forEach(TokenTensor::close);
    }
  }

  private long hot(CompiledPooler timed, int[] batch) {
    limit.check();
    try (TokenTensor tokens = tensor(batch)) {
      long fastest = Long.MAX_VALUE;
      for (int i = 0; i < Protocol.HOT_PASSES; i++) {
        fastest = Math.min(fastest, time(timed, tokens));
      }
      return fastest;
    }
  }

  private static long time(CompiledPooler timed, TokenTensor tokens) {
    long start = System.nanoTime();
    timed.pass(tokens);
    return System.nanoTime() - start;
  }

  private TokenTensor tensor(int[] batch) {
    return tensor(buffer.fill(sentences, List.of(batch)).get(0));
  }

  private static TokenTensor tensor(TokenBatch batch) {
    return new TokenTensor(batch.buffer(), batch.size(), batch.seqLen(), batch.dim());
  }

  @Override
  public void close() {
    pooler.close();
    reference.close();
  }
}
