package dev.poolmark.evaluator.evaluation;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.poolmark.api.TorchPooler;
import dev.poolmark.evaluator.contest.Contest;
import dev.poolmark.evaluator.files.TemporaryFolder;
import dev.poolmark.evaluator.plugin.PluginCatalog;
import dev.poolmark.evaluator.plugin.PoolerSpec;
import dev.poolmark.evaluator.plugin.SpecifiedPooler;
import dev.poolmark.evaluator.submission.Python;
import dev.poolmark.evaluator.submission.PythonChild;
import dev.poolmark.evaluator.submission.SubmissionFiles;
import dev.poolmark.evaluator.torch.InitialWeights;
import dev.poolmark.evaluator.torch.PoolerFault;
import dev.poolmark.evaluator.torch.Tensor;
import dev.poolmark.evaluator.torch.TensorType;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** A bench in a Python of its own, which assembles the batches, passes them and holds the clock. */
final class PythonBench implements Bench {

  private static final ObjectMapper JSON = new ObjectMapper();

  private final TemporaryFolder folder;
  private final PythonChild python;
  private final RunLimit limit;
  private final Path embeddings;
  private final Facts facts;

  private PythonBench(
      TemporaryFolder folder, PythonChild python, RunLimit limit, Path embeddings, Facts facts) {
    this.folder = folder;
    this.python = python;
    this.limit = limit;
    this.embeddings = embeddings;
    this.facts = facts;
  }

  /** Puts the pooler's files into a folder. */
  @FunctionalInterface
  private interface Source {
    SubmissionFiles in(Path folder) throws IOException;
  }

  /**
   * Runs a submission.
   *
   * @throws PoolerFault when it is malformed, or can't be loaded
   */
  static PythonBench open(
      PoolerSpec.SubmissionFile zip,
      Python python,
      PluginCatalog catalog,
      EvaluationRequest request,
      RunLimit limit) {
    Source source = folder -> SubmissionFiles.unpack(zip.file(), folder);
    return open(source, python, catalog, request, limit);
  }

  /**
   * Runs an exported pooler, with the weights that it has in Java.
   *
   * @throws PoolerFault when it can't be exported or loaded
   */
  static PythonBench open(
      SpecifiedPooler pooler,
      Python python,
      PluginCatalog catalog,
      EvaluationRequest request,
      RunLimit limit) {
    Source source = folder -> export(pooler, "pooler", folder, request.data().dim());
    return open(source, python, catalog, request, limit);
  }

  private static PythonBench open(
      Source source,
      Python python,
      PluginCatalog catalog,
      EvaluationRequest request,
      RunLimit limit) {
    TemporaryFolder folder = null;
    PythonChild child = null;
    try {
      folder = new TemporaryFolder();
      SubmissionFiles subject = source.in(Files.createDirectory(folder.resolve("subject")));
      Contest.sizeFinding(subject.bytes())
          .ifPresent(
              finding -> {
                throw new PoolerFault(finding);
              });
      PoolerSpec mean = PoolerSpec.parse(Contest.REFERENCE);
      SubmissionFiles reference =
          export(
              catalog.create(mean, request.data().dim()),
              Contest.REFERENCE,
              Files.createDirectory(folder.resolve("reference")),
              request.data().dim());
      Path embeddings = folder.resolve("embeddings");
      List<String> arguments =
          new ArrayList<>(
              List.of(
                  script(folder).toString(),
                  request.data().path().toAbsolutePath().toString(),
                  subject.python().toString(),
                  reference.python().toString(),
                  embeddings.toString()));
      request.core().ifPresent(core -> arguments.add(Integer.toString(core)));
      child = PythonChild.start(python, folder.path(), arguments);
      Facts facts = facts(child.answer(limit::check), subject);
      return new PythonBench(folder, child, limit, embeddings, facts);
    } catch (IOException | RuntimeException | Error e) {
      close(child, folder);
      throw e instanceof IOException io ? new UncheckedIOException(io) : rethrown(e);
    }
  }

  private static RuntimeException rethrown(Throwable problem) {
    if (problem instanceof Error error) {
      throw error;
    }
    return (RuntimeException) problem;
  }

  private static SubmissionFiles export(SpecifiedPooler pooler, String name, Path folder, int dim)
      throws IOException {
    List<Tensor> weights =
        pooler.pooler() instanceof TorchPooler lines
            ? InitialWeights.of(lines, TorchBench.SEED)
            : List.of();
    return SubmissionFiles.write(
        folder, name, pooler.pooler(), pooler.spec(), dim, weights, TensorType.FLOAT32);
  }

  private static Path script(TemporaryFolder folder) throws IOException {
    Path script = folder.resolve("bench.py");
    try (InputStream source = PythonBench.class.getResourceAsStream("bench.py")) {
      Files.copy(source, script);
    }
    return script;
  }

  private static Facts facts(JsonNode told, SubmissionFiles subject) throws IOException {
    return new Facts(
        told.get("output_dim").asInt(),
        told.get("parameters").asLong(),
        subject.bytes(),
        told.get("torch").asText(),
        told.get("threads").asInt(),
        told.get("python").asText());
  }

  @Override
  public Engine engine() {
    return Engine.PYTHON;
  }

  @Override
  public Facts facts() {
    return facts;
  }

  @Override
  public float[] embed(int[] batch) {
    ask(request("embed").set("batch", JSON.valueToTree(batch)));
    try {
      ByteBuffer bytes =
          ByteBuffer.wrap(Files.readAllBytes(embeddings)).order(ByteOrder.LITTLE_ENDIAN);
      if (bytes.capacity() != (long) batch.length * facts.outputDim() * Float.BYTES) {
        throw new PoolerFault("its embeddings are not those that it announced");
      }
      float[] values = new float[batch.length * facts.outputDim()];
      bytes.asFloatBuffer().get(values);
      return values;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void warmUp(Condition condition) {
    ask(request("warm_up").set("condition", json(condition)));
  }

  @Override
  public long pass(Runner runner, Condition condition) {
    ObjectNode request = request("pass").put("runner", runner.name().toLowerCase(Locale.ROOT));
    return ask(request.set("condition", json(condition))).asLong();
  }

  @Override
  public long pass(int[] batch) {
    return ask(request("pass_batch").set("batch", JSON.valueToTree(batch))).asLong();
  }

  private static ObjectNode request(String what) {
    return JSON.createObjectNode().put("do", what);
  }

  private static ObjectNode json(Condition condition) {
    return JSON.createObjectNode()
        .put("protocol", condition.protocol().key())
        .put("batch_size", condition.batchSize())
        .put("pairs", condition.pairs());
  }

  private JsonNode ask(JsonNode request) {
    limit.check();
    return python.ask(request, limit::check);
  }

  @Override
  public void close() {
    close(python, folder);
  }

  private static void close(@Nullable PythonChild python, @Nullable TemporaryFolder folder) {
    if (python != null) {
      python.close();
    }
    if (folder != null) {
      try {
        folder.close();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
