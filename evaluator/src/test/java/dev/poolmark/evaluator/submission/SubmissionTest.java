package dev.poolmark.evaluator.submission;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.poolmark.api.Init;
import dev.poolmark.api.Pooler;
import dev.poolmark.api.ScriptFilePooler;
import dev.poolmark.api.TorchPooler;
import dev.poolmark.api.Weight;
import dev.poolmark.evaluator.contest.OverSizeLimitException;
import dev.poolmark.evaluator.dataset.TokenStore;
import dev.poolmark.evaluator.plugin.BadSpecException;
import dev.poolmark.evaluator.plugin.InstalledPooler;
import dev.poolmark.evaluator.plugin.PluginCatalog;
import dev.poolmark.evaluator.plugin.PoolerSpec;
import dev.poolmark.evaluator.plugin.SpecifiedPooler;
import dev.poolmark.evaluator.plugin.TrainedModel;
import dev.poolmark.evaluator.torch.InitialWeights;
import dev.poolmark.evaluator.torch.PoolerFault;
import dev.poolmark.evaluator.torch.Tensor;
import dev.poolmark.evaluator.torch.TensorType;
import dev.poolmark.evaluator.torch.TorchArchive;
import dev.poolmark.evaluator.torch.TorchEngine;
import dev.poolmark.evaluator.training.SyntheticPairs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** In a real Python with torch; without one these tests are skipped, and fail where CI is set. */
class SubmissionTest {

  private static final int DIM = 16;
  private static final PluginCatalog PLUGINS =
      PluginCatalog.of(List.of(Path.of(System.getProperty("poolmark.plugins"))));

  @TempDir private Path folder;
  private TokenStore data;

  @BeforeAll
  static void startTorch() throws IOException {
    TorchEngine.start(1);
    if (Python.find().isEmpty()) {
      assertFalse("true".equals(System.getenv("CI")), "CI needs a Python with torch");
      Assumptions.abort("no Python with torch");
    }
  }

  @BeforeEach
  void openData() throws IOException {
    data = SyntheticPairs.store(folder, 100, DIM, 1);
  }

  @AfterEach
  void closeData() {
    data.close();
  }

  static Stream<String> specs() {
    Stream<String> learned =
        Stream.of(
            "attention:output_dim=5",
            "attention:output_dim=5,heads=3,dropout=0",
            "gated:output_dim=5",
            "gated:output_dim=5,per=dimension",
            "projection:output_dim=5",
            "low_rank:rank=3",
            "mlp:output_dim=5,hidden=7",
            "transformer:output_dim=5,heads=2,inner=6,hidden=7",
            "whitening:output_dim=5",
            "standardize",
            "abtt:k=3");
    List<String> names =
        List.of(
            "attention",
            "gated",
            "projection",
            "low_rank",
            "mlp",
            "transformer",
            "whitening",
            "standardize",
            "abtt");
    Stream<String> others =
        PLUGINS.poolers().stream().map(InstalledPooler::name).filter(name -> !names.contains(name));
    return Stream.concat(learned, others);
  }

  @ParameterizedTest
  @MethodSource("specs")
  void everyBuiltInPoolerGivesInPythonWhatItGivesInJava(String spec) throws IOException {
    Submission submission = Submission.write(request(trained(spec), TensorType.FLOAT32), data);
    Verification verification = submission.verification().orElseThrow();
    assertTrue(verification.relativeDifference() <= 1e-5, verification.toString());
    assertEquals(16 + 64 + 36, verification.sentences());
    try (ZipFile zip = new ZipFile(submission.zip().toFile())) {
      assertEquals(
          List.of("attn.py", "attn.bin"), zip.stream().map(entry -> entry.getName()).toList());
    }
  }

  @Test
  void halfPrecisionHalvesTheFileAndIsWhatPythonReads() throws IOException {
    SpecifiedPooler pooler = trained("mlp:output_dim=16,hidden=400");
    Submission whole = Submission.write(request(pooler, TensorType.FLOAT32), data);
    Submission half = Submission.write(request(pooler, TensorType.FLOAT16), data);
    assertTrue(half.weightsBytes() < 0.6 * whole.weightsBytes());
    assertTrue(half.rounding().isPresent());
    assertTrue(whole.rounding().isEmpty());
    assertTrue(half.verification().orElseThrow().relativeDifference() <= 1e-5);
  }

  @Test
  void aTorchScriptFileIsPackedWhole() throws IOException {
    Path script = folder.resolve("own.pt");
    TorchArchive.writeScript(
        script,
        List.of("return torch.mul(torch.sum(x, [1]), self.s)"),
        List.of(new Tensor("s", List.of(DIM), new float[DIM])));
    SpecifiedPooler pooler =
        new SpecifiedPooler("own", "own.pt", "own.pt", "1", new ScriptFilePooler(script));
    Submission submission = Submission.write(request(pooler, TensorType.FLOAT32), data);
    assertTrue(submission.verification().orElseThrow().relativeDifference() <= 1e-5);
    BadSpecException refusal =
        assertThrows(BadSpecException.class, () -> request(pooler, TensorType.FLOAT16));
    assertTrue(refusal.getMessage().endsWith("which is packed as it is, found float16"));
  }

  @Test
  void equalInputGivesEqualBytes() throws IOException {
    SubmissionRequest request = request(trained("attention:output_dim=5"), TensorType.FLOAT32);
    byte[] first = Files.readAllBytes(Submission.write(request, data).zip());
    assertArrayEquals(first, Files.readAllBytes(Submission.write(request, data).zip()));
  }

  @Test
  void whatFailsInPythonIsNoticedAndNothingIsLeft() {
    TorchPooler noPython =
        new TorchPooler(
            List.of("return torch.mul(torch.sum(x, [1]), self.eval)"),
            List.of(Weight.of("eval", Init.values(2), 1)),
            DIM);
    PoolerFault fault = assertThrows(PoolerFault.class, () -> write(noPython));
    assertTrue(fault.getMessage().startsWith("the export fails in Python: "), fault.getMessage());
    assertFalse(Files.exists(folder.resolve("attn.zip")));
  }

  @Test
  void whatIsTooLargeIsRefused() {
    TorchPooler large =
        new TorchPooler(
            List.of("return torch.mul(torch.sum(x, [1]), torch.sum(self.w))"),
            List.of(Weight.of("w", Init.values(new float[(20 << 18) + 1]), (20 << 18) + 1)),
            DIM);
    assertThrows(OverSizeLimitException.class, () -> write(large));
  }

  @Test
  void untrainedWeightsAndBadNamesAreRefused() {
    SpecifiedPooler untrained = PLUGINS.create(PoolerSpec.parse("attention:output_dim=5"), DIM);
    assertThrows(
        BadSpecException.class,
        () -> Submission.write(request(untrained, TensorType.FLOAT32), data));
    SpecifiedPooler sum = PLUGINS.create(PoolerSpec.parse("sum"), DIM);
    for (String name : List.of("a-b.zip", "1.zip", "attn", "attn.tar")) {
      assertThrows(
          BadSpecException.class,
          () -> new SubmissionRequest(sum, DIM, TensorType.FLOAT32, folder.resolve(name)));
    }
  }

  private Submission write(Pooler pooler) throws IOException {
    SpecifiedPooler specified = new SpecifiedPooler("test", "test", "test", "1", pooler);
    return Submission.write(request(specified, TensorType.FLOAT32), data);
  }

  private SubmissionRequest request(SpecifiedPooler pooler, TensorType type) {
    return new SubmissionRequest(pooler, DIM, type, folder.resolve("attn.zip"));
  }

  /** With random weights throughout, as training may leave them. */
  private static SpecifiedPooler trained(String spec) {
    SpecifiedPooler made = PLUGINS.create(PoolerSpec.parse(spec), DIM);
    TorchPooler lines = (TorchPooler) made.pooler();
    List<Tensor> weights =
        InitialWeights.of(lines, 1).stream().map(SubmissionTest::randomised).toList();
    return new SpecifiedPooler(
        made.name(),
        made.spec(),
        made.plugin(),
        made.version(),
        TrainedModel.withWeights(lines, weights));
  }

  static Tensor randomised(Tensor weight) {
    Random random = new Random(weight.name().hashCode());
    float[] values = new float[weight.values().length];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) (0.4 * random.nextGaussian());
    }
    return new Tensor(weight.name(), weight.shape(), values);
  }
}
