package dev.poolmark.evaluator.submission;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.poolmark.evaluator.dataset.TokenStore;
import dev.poolmark.evaluator.plugin.PluginCatalog;
import dev.poolmark.evaluator.plugin.PoolerSpec;
import dev.poolmark.evaluator.submission.CheckReport.Check;
import dev.poolmark.evaluator.torch.Tensor;
import dev.poolmark.evaluator.torch.TensorType;
import dev.poolmark.evaluator.torch.TorchArchive;
import dev.poolmark.evaluator.training.SyntheticPairs;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** In a real Python with torch; without one these tests are skipped, and fail where CI is set. */
class SubmissionCheckTest {

  private static final int DIM = 16;

  private static final String MODULE =
      """
      import torch
      %s
      class Pooler(torch.nn.Module):
          def __init__(self):
              super().__init__()
              self.s = torch.nn.Parameter(torch.zeros(16), requires_grad=False)
      %s
          def forward(self, x):
      %s

      def get_model():
          model = Pooler()
          model.load_state_dict(torch.load(__file__[:-3] + ".bin", weights_only=True))
          return model%s
      """;

  @TempDir private Path folder;

  @BeforeAll
  static void findPython() {
    if (Python.find().isEmpty()) {
      assertFalse("true".equals(System.getenv("CI")), "CI needs a Python with torch");
      Assumptions.abort("no Python with torch");
    }
  }

  @Test
  void whatTheContestTakesHoldsInEveryRespect() throws IOException {
    CheckReport report = check(zip(module("return x.sum(1) * self.s")));
    assertTrue(report.holds(), report.toString());
    assertEquals(14, report.checks().size());
    assertEquals("mine.py, mine.bin", found(report, "names"));
    assertEquals("torch", found(report, "imports"));
    assertEquals("(batch, 16)", found(report, "shape"));
  }

  /** The forward line, the check that it fails, and what is found. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          return x.sum(1)[0] * self.s | shape | expected (1, output_dim) of (1, 1, 16), found (16,)
          return x.sum(1).double() | float32 | expected float32, found float64
          return x.mean(1) | padding | expected the same embedding more padding, found a relative difference of
          return x.sum(1) - x.sum(1).mean(0) | batch | expected the same embedding in a batch of 64, found a relative
          return x.sum(1) + torch.arange(len(x))[:, None] | order | expected the same embedding in another order, found
          return torch.nn.functional.dropout(x.sum(1)) | repeat | expected the same twice, found a difference of
          raise ValueError('no luck') | shape | ValueError: no luck
          torch.set_num_threads(2); return x.sum(1) | threads | expected torch at 1 thread, found 2
          threading.Thread(target=time.sleep, args=(9,)).start(); return x.sum(1) | threads | expected no threads of its own, found
          import os; os.kill(os.getpid(), 9) | shape | its Python ended by signal 9
          return torch.zeros(1 << 31).sum() + x.sum(1) | shape | RuntimeError: [enforce fail
          """)
  void aBadForwardFailsTheCheckThatItIsAbout(String line, String name, String expected)
      throws IOException {
    String forward = line.strip();
    String imports = "import sys, threading, time";
    String module =
        String.format(Locale.ROOT, MODULE, imports, "", "        " + forward, ".eval()");
    assertFound(check(zip(module)), name, expected);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          import numpy | imports | expected torch and the standard library only, found numpy
          raise RuntimeError('on import') | get_model | RuntimeError: on import
          def broken(: | imports | SyntaxError: invalid syntax (mine.py, line 2)
          """)
  void aBadModuleFailsTheCheckThatItIsAbout(String line, String name, String expected)
      throws IOException {
    String module =
        String.format(Locale.ROOT, MODULE, line, "", "        return x.sum(1)", ".eval()");
    assertFound(check(zip(module)), name, expected);
  }

  @Test
  void aModelInTrainingModeAndOneThatIsNoModuleAreFound() throws IOException {
    String training =
        String.format(
            Locale.ROOT,
            MODULE,
            "",
            "        self.drop = torch.nn.Dropout(0.0)",
            "        return x.sum(1)",
            "");
    assertFound(
        check(zip(training)), "inference", "expected no module in training mode, found the model");
    assertFound(
        check(zip("def get_model(): return 1")),
        "get_model",
        "expected a torch.nn.Module, found int");
    assertFound(check(zip("x = 1")), "get_model", "expected a function get_model(), found none");
  }

  @Test
  void whatItPrintsReachesNoResult() throws IOException {
    String module = module("print('{\"done\": {}}', flush=True); return x.sum(1)");
    CheckReport report =
        check(zip(module.replace("import torch\n", "import torch\nprint('hello')\n")));
    assertTrue(report.holds(), report.toString());
    assertEquals(14, report.checks().size());
  }

  @Test
  void aHangIsEndedWithAllThatItStarted() throws IOException {
    Path sign = folder.resolve("pid");
    String module =
        module(
            "import subprocess; p = subprocess.Popen(['sleep', '1000']); open('"
                + sign
                + "', 'w').write(str(p.pid)); p.wait()");
    CheckReport report =
        new SubmissionCheck(Python.needed(), DIM, Optional.empty(), Duration.ofSeconds(5))
            .of(zip(module));
    assertFound(report, "shape", "expected an answer within 5 s, found none");
    assertFound(report, "order", "not reached");
    ProcessHandle.of(Long.parseLong(Files.readString(sign)))
        .ifPresent(sleeper -> sleeper.onExit().orTimeout(20, TimeUnit.SECONDS).join());
  }

  @Test
  void weightsThatRunCodeAreRefused() throws IOException {
    // pickle: os.mkdir('...') when it is loaded
    Path sign = folder.resolve("ran");
    byte[] pickle = ("cos\nmkdir\n(V" + sign + "\ntR.").getBytes(StandardCharsets.ISO_8859_1);
    Map<String, byte[]> files = new LinkedHashMap<>();
    files.put(
        "mine.py",
        "import torch\ndef get_model(): return torch.nn.Identity().eval()\n"
            .getBytes(StandardCharsets.UTF_8));
    files.put("mine.bin", pickle);
    assertFound(check(zip(files)), "weights_only", "UnpicklingError: Weights only load failed");
    assertFalse(Files.exists(sign));
  }

  @Test
  void badZipsAreRefusedByWhatIsWrongWithThem() throws IOException {
    byte[] module = module("return x.sum(1)").getBytes(StandardCharsets.UTF_8);
    byte[] weights = weights();
    assertNames(Map.of(), "expected NAME.py and NAME.bin in the zip, found no mine.py");
    assertNames(
        Map.of("mine.py", module), "expected NAME.py and NAME.bin in the zip, found no mine.bin");
    assertNames(
        Map.of("a.py", module, "b.py", module, "a.bin", weights),
        "expected NAME.py and NAME.bin in the zip, found no mine.py");
    assertNames(
        Map.of("mine.py", module, "mine.bin", weights, "README.md", module),
        "expected mine.py, mine.bin only, found also README.md");
    assertNames(
        Map.of("../mine.py", module, "mine.bin", weights),
        "expected names inside the zip, found '../mine.py'");
    assertNames(
        Map.of("/tmp/rank-evil.py", module, "mine.bin", weights),
        "expected names inside the zip, found '/tmp/rank-evil.py'");
    assertFalse(Files.exists(folder.resolve("mine.py")));
    Path text = Files.writeString(folder.resolve("text.zip"), "no zip");
    assertFound(check(text), "names", "text.zip: expected a zip, found: ");
  }

  @Test
  void aModelOverTheSizeLimitIsFound() throws IOException {
    Map<String, byte[]> files = new LinkedHashMap<>();
    files.put("mine.py", module("return x.sum(1)").getBytes(StandardCharsets.UTF_8));
    Path state = folder.resolve("state");
    TorchArchive.writeStateDict(
        state,
        List.of(new Tensor("s", List.of(21 << 18), new float[21 << 18])),
        TensorType.FLOAT32);
    files.put("mine.bin", Files.readAllBytes(state));
    assertFound(check(zip(files)), "size", "expected a model of at most 20 MiB, found 21.0 MiB");
  }

  @Test
  void everyPoolerOfAPluginIsCheckedOnTheData() throws IOException {
    try (TokenStore data = SyntheticPairs.store(folder, 80, DIM, 1);
        Stream<Path> jars = Files.list(Path.of(System.getProperty("poolmark.plugins")))) {
      SubmissionCheck submissions =
          new SubmissionCheck(Python.needed(), DIM, Optional.of(data), Duration.ofSeconds(60));
      Path jar = jars.filter(each -> each.toString().contains("fast")).findFirst().orElseThrow();
      List<CheckReport> reports = new PoolerCheck(data, submissions).ofPlugin(jar);
      assertTrue(reports.size() > 2, reports.toString());
      assertTrue(reports.stream().allMatch(CheckReport::holds), reports.toString());
      assertTrue(found(reports.get(1), "export").startsWith("as in Java, within "));
    }
    Path none = Files.writeString(folder.resolve("none.jar"), "no jar");
    try (TokenStore data =
        SyntheticPairs.store(Files.createDirectory(folder.resolve("d")), 80, DIM, 1)) {
      PoolerCheck poolers =
          new PoolerCheck(
              data,
              new SubmissionCheck(Python.needed(), DIM, Optional.of(data), Duration.ofSeconds(60)));
      CheckReport report = poolers.ofPlugin(none).get(0);
      assertFalse(report.holds());
      assertTrue(found(report, "plugin").contains("none.jar"), report.toString());
      CheckReport trained =
          poolers.of(
              PoolerSpec.parse("attention:output_dim=5"),
              PluginCatalog.of(List.of(Path.of(System.getProperty("poolmark.plugins")))));
      assertTrue(trained.holds(), trained.toString());
    }
  }

  private void assertNames(Map<String, byte[]> files, String expected) throws IOException {
    assertFound(check(zip(files)), "names", expected);
  }

  private static void assertFound(CheckReport report, String name, String expected) {
    assertFalse(report.holds());
    assertTrue(report.failed(name), report.toString());
    assertTrue(found(report, name).startsWith(expected), report.toString());
    assertEquals(1, found(report, name).lines().count());
  }

  private static String found(CheckReport report, String name) {
    return report.checks().stream()
        .filter(check -> check.name().equals(name))
        .map(Check::found)
        .collect(Collectors.joining());
  }

  private CheckReport check(Path zip) throws IOException {
    return new SubmissionCheck(Python.needed(), DIM, Optional.empty(), Duration.ofSeconds(60))
        .of(zip);
  }

  private static String module(String forward) {
    return String.format(Locale.ROOT, MODULE, "", "", "        " + forward, ".eval()");
  }

  private Path zip(String module) throws IOException {
    Map<String, byte[]> files = new LinkedHashMap<>();
    files.put("mine.py", module.getBytes(StandardCharsets.UTF_8));
    files.put("mine.bin", weights());
    return zip(files);
  }

  private byte[] weights() throws IOException {
    Path state = folder.resolve("state");
    float[] ones = new float[DIM];
    Arrays.fill(ones, 1);
    TorchArchive.writeStateDict(
        state, List.of(new Tensor("s", List.of(DIM), ones)), TensorType.FLOAT32);
    byte[] bytes = Files.readAllBytes(state);
    Files.delete(state);
    return bytes;
  }

  private Path zip(Map<String, byte[]> files) throws IOException {
    Path zip = folder.resolve("mine.zip");
    try (ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(zip))) {
      for (Map.Entry<String, byte[]> file : files.entrySet()) {
        out.putNextEntry(new ZipEntry(file.getKey()));
        out.write(file.getValue());
      }
    }
    return zip;
  }
}
