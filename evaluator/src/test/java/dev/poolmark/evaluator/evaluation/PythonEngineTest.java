package dev.poolmark.evaluator.evaluation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.poolmark.evaluator.dataset.TokenStore;
import dev.poolmark.evaluator.plugin.PluginCatalog;
import dev.poolmark.evaluator.plugin.PoolerSpec;
import dev.poolmark.evaluator.score.ScoreFormula;
import dev.poolmark.evaluator.submission.Python;
import dev.poolmark.evaluator.training.SyntheticPairs;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CancellationException;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** In a real Python with torch; without one these tests are skipped, and fail where CI is set. */
class PythonEngineTest {

  private static final int DIM = 12;

  private static final String GOOD =
      """
      import torch

      class Pooler(torch.nn.Module):
          def forward(self, x):
              return x.sum(1)

      def get_model():
          return Pooler()
      """;

  @TempDir private static Path folder;
  private static TokenStore data;
  private static final PluginCatalog CATALOG =
      PluginCatalog.of(List.of(Path.of(System.getProperty("poolmark.plugins"))));

  @BeforeAll
  static void openData() throws IOException {
    if (Python.find().isEmpty()) {
      assertFalse("true".equals(System.getenv("CI")), "CI needs a Python with torch");
      Assumptions.abort("no Python with torch");
    }
    data = SyntheticPairs.store(folder, 100, DIM, 1);
  }

  @AfterAll
  static void closeData() {
    if (data != null) {
      data.close();
    }
  }

  @Test
  void aPoolerHasTheSameQualityInBothEnginesUnderEveryProtocol() {
    String spec = "attention:output_dim=5,heads=2";
    EvaluationReport java = run(spec, timing(Engine.JAVA, Protocol.FRESH), Optional.empty()).get(0);
    for (Protocol protocol : Protocol.values()) {
      EvaluationReport python = run(spec, timing(Engine.PYTHON, protocol), Optional.empty()).get(0);
      assertEquals(java.quality().dotPearson(), python.quality().dotPearson(), 1e-6);
      assertEquals(java.quality().cosineSpearman(), python.quality().cosineSpearman(), 1e-6);
      assertEquals(java.pooler().outputDim(), python.pooler().outputDim());
      assertEquals(java.pooler().parameters(), python.pooler().parameters());
      assertEquals("python", python.time().engine());
      assertEquals(protocol.key(), python.time().protocol());
      assertTrue(python.environment().python().startsWith("3."));
      assertEquals(1, python.environment().threads());
      assertNull(java.environment().python());
    }
  }

  @Test
  void aSubmissionIsScoredBesidePoolersOfJava() throws IOException {
    Path zip = zip("fine.zip", Map.of("fine.py", GOOD, "fine.bin", "weights"));
    List<EvaluationReport> reports =
        run(List.of(zip.toString(), "sum"), timing(Engine.JAVA, Protocol.FRESH), Optional.empty());
    EvaluationReport submission = reports.get(0);
    assertEquals(reports.get(1).quality().dotPearson(), submission.quality().dotPearson(), 1e-6);
    assertEquals("fine", submission.pooler().name());
    assertEquals("fine.zip", submission.pooler().plugin());
    assertEquals(7L, submission.pooler().parameterBytes());
    assertEquals("python", submission.time().engine());
    assertEquals("java", reports.get(1).time().engine());
  }

  @Test
  void aSubmissionMayPrintAndFloodAndLeaveThreads() throws IOException {
    String module =
        """
        import sys, threading, time
        print("hello" * 100000)
        sys.stderr.write("warning\\n" * 100000)
        threading.Thread(target=time.sleep, args=(600,)).start()
        """
            + GOOD;
    Path zip = zip("loud.zip", Map.of("loud.py", module, "loud.bin", ""));
    assertNotNull(score(zip, Optional.empty()).total());
  }

  static Stream<Arguments> badModules() {
    return Stream.of(
        Arguments.of("raise ValueError('no way')", "ValueError: no way"),
        Arguments.of("import not_there", "ModuleNotFoundError: No module named 'not_there'"),
        Arguments.of("def broken(:", "SyntaxError: invalid syntax"),
        Arguments.of("x = 1", "expected a function get_model(), found none"),
        Arguments.of(
            "get_model = lambda: 7", "expected a torch.nn.Module of get_model(), found int"),
        Arguments.of("import sys; sys.exit(3)", "SystemExit: 3"),
        Arguments.of("import os; os._exit(3)", "its Python ended with exit code 3"),
        Arguments.of(
            "import os, sys; sys.stderr.write('a last word\\n'); os.abort()",
            "its Python ended by signal 6: a last word"),
        Arguments.of(model("raise RuntimeError('later')"), "RuntimeError: later"),
        Arguments.of(model("return x"), "expected embeddings of shape (1, output_dim), found (1, "),
        Arguments.of(
            model("return x.sum(1)[:, : 5 + x.shape[0] % 2]"),
            "expected embeddings of shape (64, 6), found (64, 5)"),
        Arguments.of(
            model("return x.sum(1).double()"), "expected float32 embeddings, found float64"),
        Arguments.of(model("return x.sum(1) / 0"), "expected finite embeddings, found NaN"),
        Arguments.of(model("return 7"), "expected a tensor of embeddings, found int"));
  }

  private static String model(String forward) {
    return GOOD.replace("return x.sum(1)", forward);
  }

  @ParameterizedTest
  @MethodSource("badModules")
  void aBadSubmissionCostsItsRowExplainedByTheLastLineOfTheTraceback(String module, String finding)
      throws IOException {
    Path zip = zip("bad.zip", Map.of("bad.py", module, "bad.bin", "weights"));
    assertFinding(score(zip, Optional.empty()), finding);
  }

  @Test
  void aMalformedZipIsAFinding() throws IOException {
    Path text = Files.writeString(folder.resolve("text.zip"), "no zip");
    assertFinding(score(text, Optional.empty()), "text.zip: expected a zip, found: ");
    Path empty = zip("empty.zip", Map.of("readme.txt", "nothing"));
    assertFinding(
        score(empty, Optional.empty()),
        "expected NAME.py and NAME.bin in the zip, found no empty.py");
    Path weightless = zip("light.zip", Map.of("light.py", GOOD));
    assertFinding(
        score(weightless, Optional.empty()),
        "expected NAME.py and NAME.bin in the zip, found no light.bin");
    Path outside = zip("out.zip", Map.of("../out.py", GOOD));
    assertFinding(
        score(outside, Optional.empty()), "expected names inside the zip, found '../out.py'");
    assertFalse(Files.exists(folder.resolve("out.py")));
  }

  @Test
  void aSubmissionThatIsTooBigIsNotRun() throws IOException {
    Path zip = zip("big.zip", Map.of("big.py", "raise", "big.bin", "0".repeat((20 << 20) + 1)));
    EvaluationReport report = score(zip, Optional.empty());
    assertFinding(report, "expected a model of at most 20 MiB, found 20.0 MiB");
    assertFalse(report.pooler().withinSizeLimit());
  }

  @ParameterizedTest
  @ValueSource(strings = {"while True: pass", "subprocess.run(['sleep', '600'])"})
  void aSubmissionThatHangsIsEndedAndNothingOfItStaysBehind(String hanging) throws Exception {
    Path pids = folder.resolve("pids");
    Files.deleteIfExists(pids);
    String module =
        """
        import os, subprocess, time
        child = subprocess.Popen(["sleep", "600"])
        open(%s, "w").write(f"{os.getpid()} {child.pid}")
        """
                .replace("%s", "'" + pids + "'")
            + hanging
            + "\n"
            + GOOD;
    Path zip = zip("hanging.zip", Map.of("hanging.py", module, "hanging.bin", ""));
    assertFinding(
        score(zip, Optional.of(Duration.ofSeconds(20))), "expected an end within 20.0 s, found");
    assertGone(pids);
  }

  @Test
  void aCancelEndsPythonToo() throws Exception {
    Path pids = folder.resolve("pids");
    Files.deleteIfExists(pids);
    String module = "import os\nopen('%s', 'w').write(str(os.getpid()))\nwhile True: pass\n";
    Path zip =
        zip("busy.zip", Map.of("busy.py", module.replace("%s", pids.toString()), "busy.bin", ""));
    EvaluationRequest request =
        request(List.of(zip.toString()), timing(Engine.JAVA, Protocol.FRESH), Optional.empty());
    Evaluation evaluation = new Evaluation(CATALOG, request, progress -> {});
    Thread canceller =
        new Thread(
            () -> {
              while (!Files.exists(pids)) {
                Thread.onSpinWait();
              }
              evaluation.cancel();
            });
    canceller.start();
    assertThrows(CancellationException.class, evaluation::run);
    canceller.join();
    assertGone(pids);
  }

  /** Closing happens on the scoring thread, so it may take a moment. */
  private static void assertGone(Path pids) throws Exception {
    for (String pid : Files.readString(pids).split(" ")) {
      Optional<ProcessHandle> handle = ProcessHandle.of(Long.parseLong(pid));
      long end = System.nanoTime() + Duration.ofSeconds(30).toNanos();
      while (handle.isPresent() && handle.get().isAlive() && System.nanoTime() < end) {
        Thread.sleep(20);
      }
      assertFalse(handle.isPresent() && handle.get().isAlive(), "process " + pid);
    }
  }

  private static Timing timing(Engine engine, Protocol protocol) {
    return new Timing(engine, protocol, false, 2);
  }

  private static EvaluationReport score(Path zip, Optional<Duration> timeout) {
    return run(zip.toString(), timing(Engine.JAVA, Protocol.FRESH), timeout).get(0);
  }

  private static List<EvaluationReport> run(
      String spec, Timing timing, Optional<Duration> timeout) {
    return run(List.of(spec), timing, timeout);
  }

  private static List<EvaluationReport> run(
      List<String> specs, Timing timing, Optional<Duration> timeout) {
    List<EvaluationReport> reports = new ArrayList<>();
    new Evaluation(CATALOG, request(specs, timing, timeout), progress -> {})
        .run()
        .forEach(result -> reports.add(result.report()));
    return reports;
  }

  private static EvaluationRequest request(
      List<String> specs, Timing timing, Optional<Duration> timeout) {
    return new EvaluationRequest(
        data,
        specs.stream().map(PoolerSpec::parse).toList(),
        64,
        ScoreFormula.DEFAULT,
        timeout,
        OptionalInt.empty(),
        timing);
  }

  private static void assertFinding(EvaluationReport report, String beginning) {
    assertNull(report.total());
    assertFalse(report.eligible());
    assertEquals(1, report.findings().size());
    String finding = report.findings().get(0);
    assertTrue(finding.startsWith(beginning), finding);
  }

  private static Path zip(String name, Map<String, String> entries) throws IOException {
    Path zip = folder.resolve(name);
    try (OutputStream out = Files.newOutputStream(zip);
        ZipOutputStream packed = new ZipOutputStream(out)) {
      for (Map.Entry<String, String> entry : entries.entrySet()) {
        packed.putNextEntry(new ZipEntry(entry.getKey()));
        packed.write(entry.getValue().getBytes(StandardCharsets.UTF_8));
        packed.closeEntry();
      }
    }
    return zip;
  }
}
