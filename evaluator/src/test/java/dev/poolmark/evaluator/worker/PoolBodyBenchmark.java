package dev.poolmark.evaluator.worker;

import dev.poolmark.evaluator.plugin.PluginCatalog;
import dev.poolmark.evaluator.plugin.PoolerSpec;
import dev.poolmark.evaluator.safetensors.SafetensorsWriter;
import dev.poolmark.evaluator.safetensors.TensorData;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;

/**
 * What the worker does with a body of {@code /pool}: to read it, and to pool it by {@code mean}.
 * 128 sentences of 20 to 40 tokens, or of 30 each: those of one length are pooled where they are
 * mapped.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
public class PoolBodyBenchmark {

  private static final int SENTENCES = 128;
  private static final int DIM = 768;

  /** Lengths of the sentences. */
  @Param({"20-40", "30"})
  public String lengths;

  private final Pooling pooling = new Pooling();
  private Path folder;
  private Path json;
  private Path safetensors;
  private PluginCatalog plugins;
  private PoolingRequest read;

  /** Runs it alone, as {@code -Pbench} does. */
  public static void main(String[] args) throws RunnerException {
    new Runner(
            new OptionsBuilder()
                .include(PoolBodyBenchmark.class.getName())
                .jvmArgsAppend("-Dpoolmark.plugins=" + System.getProperty("poolmark.plugins"))
                .build())
        .run();
  }

  /** Writes both bodies. */
  @Setup
  public void writeBodies() throws IOException {
    folder = Files.createTempDirectory("poolmark-bench");
    json = folder.resolve("body.json");
    safetensors = folder.resolve("body.safetensors");
    plugins = PluginCatalog.of(List.of(Path.of(System.getProperty("poolmark.plugins"))));
    Random random = new Random(1);
    long[] counts =
        LongStream.range(0, SENTENCES)
            .map(i -> lengths.equals("30") ? 30 : 20 + random.nextInt(21))
            .toArray();
    float[] values = new float[(int) LongStream.of(counts).sum() * DIM];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    Map<String, TensorData> tensors = new LinkedHashMap<>();
    tensors.put("tokens", TensorData.of(values, values.length / DIM, DIM));
    tensors.put("lengths", TensorData.of(counts, counts.length));
    SafetensorsWriter.write(safetensors, tensors, Map.of());
    writeJson(counts, values);
    read = readSafetensors();
  }

  private void writeJson(long[] counts, float[] values) throws IOException {
    try (BufferedWriter out = Files.newBufferedWriter(json)) {
      out.write("{\"pooler\":\"mean\",\"inputs\":[");
      int at = 0;
      for (int sentence = 0; sentence < counts.length; sentence++) {
        out.write(sentence == 0 ? "[" : ",[");
        for (int i = 0; i < counts[sentence] * DIM; i++) {
          out.write(i == 0 ? "[" : i % DIM == 0 ? "],[" : ",");
          out.write(Float.toString(values[at++]));
        }
        out.write("]]");
      }
      out.write("]}");
    }
  }

  @Benchmark
  public PoolingRequest readJson() throws IOException {
    return JsonTokens.read(json, "inputs");
  }

  @Benchmark
  public PoolingRequest readSafetensors() throws IOException {
    return SafetensorsTokens.read(safetensors, "mean");
  }

  /** As it is mapped already. */
  @Benchmark
  public Embeddings pool() {
    return pooling.pool(plugins, PoolerSpec.parse("mean"), read.sentences().get(0));
  }

  /** Mapped anew, as each request is. */
  @Benchmark
  public Embeddings readSafetensorsAndPool() throws IOException {
    return pooling.pool(plugins, PoolerSpec.parse("mean"), readSafetensors().sentences().get(0));
  }

  @Benchmark
  public Embeddings readJsonAndPool() throws IOException {
    return pooling.pool(plugins, PoolerSpec.parse("mean"), readJson().sentences().get(0));
  }

  /** Frees the pooler and the bodies. */
  @TearDown
  public void delete() throws IOException {
    pooling.close();
    Files.delete(json);
    Files.delete(safetensors);
    Files.delete(folder);
  }
}
