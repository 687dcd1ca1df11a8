package dev.poolmark.evaluator.evaluation;

import dev.poolmark.evaluator.batch.BatchBuffer;
import dev.poolmark.evaluator.batch.StoreTokens;
import dev.poolmark.evaluator.batch.TokenBatch;
import dev.poolmark.evaluator.batch.Tokens;
import dev.poolmark.evaluator.dataset.Layout;
import dev.poolmark.evaluator.dataset.TokenStore;
import dev.poolmark.evaluator.dataset.TokenStoreWriter;
import dev.poolmark.evaluator.plugin.PluginCatalog;
import dev.poolmark.evaluator.plugin.PoolerSpec;
import dev.poolmark.evaluator.score.ScoreFormula;
import dev.poolmark.evaluator.torch.CompiledPooler;
import dev.poolmark.evaluator.torch.TokenTensor;
import dev.poolmark.evaluator.torch.TorchEngine;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.options.OptionsBuilder;

/**
 * What an evaluation of {@code mean} on stored data takes beside its forward passes: the whole of
 * it, against the same passes over the same batches alone. 1,500 pairs of about 16 tokens.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Fork(1)
@Warmup(iterations = 2, time = 5)
@Measurement(iterations = 5, time = 5)
public class EvaluationBenchmark {

  private static final int PAIRS = 1500;
  private static final int DIM = 768;
  private static final int BATCH = 64;

  private Path folder;
  private TokenStore data;
  private PluginCatalog catalog;
  private CompiledPooler mean;
  private final List<TokenBatchCopy> batches = new ArrayList<>();

  private record TokenBatchCopy(ByteBuffer tokens, int size, int seqLen) {
    static TokenBatchCopy of(TokenBatch batch) {
      ByteBuffer tokens = ByteBuffer.allocateDirect(batch.buffer().capacity());
      tokens.put(batch.buffer().duplicate()).flip();
      return new TokenBatchCopy(tokens, batch.size(), batch.seqLen());
    }
  }

  public static void main(String[] args) throws Exception {
    Map<String, Double> milliseconds =
        new Runner(
                new OptionsBuilder()
                    .include(EvaluationBenchmark.class.getName())
                    .jvmArgsAppend("-Dpoolmark.plugins=" + System.getProperty("poolmark.plugins"))
                    .threads(1)
                    .shouldFailOnError(true)
                    .build())
            .run().stream()
                .collect(
                    Collectors.toMap(
                        result -> result.getPrimaryResult().getLabel(),
                        result -> result.getPrimaryResult().getScore()));
    double passes = milliseconds.get("forwardPassesAlone");
    double all = milliseconds.get("evaluation");
    System.out.printf(
        "evaluation of mean %.0f ms, its forward passes alone %.0f ms: %.0f %% beside them%n",
        all, passes, 100 * (all - passes) / passes);
  }

  @Setup
  public void writeData() throws Exception {
    folder = Files.createTempDirectory("evaluation");
    Random random = new Random(1);
    float[] tokens = new float[64 * DIM];
    double[] labels = random.doubles(PAIRS, 0, 5).toArray();
    try (TokenStoreWriter writer = TokenStoreWriter.in(folder, Layout.PAIRS, DIM)) {
      writeSide(writer, tokens, random);
      writer.nextSide();
      writeSide(writer, tokens, random);
      writer.commit("bench.safetensors", labels, "bench", "0".repeat(64));
    }
    data = TokenStore.read(folder.resolve("bench.safetensors"), "bench");
    catalog = PluginCatalog.of(List.of(Path.of(System.getProperty("poolmark.plugins"))));
    TorchEngine.start(1);
    TorchEngine.prepareThread();
    mean = CompiledPooler.of(catalog.create(PoolerSpec.parse("mean"), DIM).pooler(), DIM, 1);
    copyBatches();
  }

  private static void writeSide(TokenStoreWriter writer, float[] tokens, Random random)
      throws IOException {
    for (int sentence = 0; sentence < PAIRS; sentence++) {
      int count = Math.min(64, 6 + (int) Math.abs(10 * random.nextGaussian()));
      for (int i = 0; i < count * DIM; i++) {
        tokens[i] = random.nextFloat() - 0.5f;
      }
      writer.append(tokens, count);
    }
  }

  private void copyBatches() {
    Tokens sentences = StoreTokens.of(data, IntStream.range(0, PAIRS).toArray());
    new BatchBuffer()
        .fill(sentences, new Condition(Protocol.FRESH, BATCH, PAIRS).batches(data))
        .forEach(batch -> batches.add(TokenBatchCopy.of(batch)));
  }

  @Benchmark
  public List<EvaluationResult> evaluation() {
    EvaluationRequest request =
        new EvaluationRequest(
            data,
            List.of(PoolerSpec.parse("mean")),
            BATCH,
            ScoreFormula.DEFAULT,
            Optional.empty(),
            OptionalInt.empty(),
            Timing.DEFAULT);
    return new Evaluation(catalog, request, progress -> {}).run();
  }

  /** Embedding and time by length, and the passes of pooler and reference. */
  @Benchmark
  public void forwardPassesAlone() {
    batches.forEach(batch -> pass(batch, 2 + 2 * Timing.DEFAULT.passes()));
  }

  private void pass(TokenBatchCopy batch, int times) {
    try (TokenTensor tokens = new TokenTensor(batch.tokens, batch.size, batch.seqLen, DIM)) {
      for (int i = 0; i < times; i++) {
        mean.forward(tokens);
      }
    }
  }

  @TearDown
  public void deleteData() throws IOException {
    mean.close();
    data.close();
    Files.delete(folder.resolve("bench.safetensors"));
    Files.deleteIfExists(folder);
  }
}
