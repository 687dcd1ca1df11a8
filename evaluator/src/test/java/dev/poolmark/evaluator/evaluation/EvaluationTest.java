package dev.poolmark.evaluator.evaluation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.poolmark.evaluator.contest.Contest;
import dev.poolmark.evaluator.dataset.PairFiles;
import dev.poolmark.evaluator.dataset.TokenStore;
import dev.poolmark.evaluator.dataset.TokenStores;
import dev.poolmark.evaluator.evaluation.EvaluationReport.LengthBucket;
import dev.poolmark.evaluator.plugin.BadSpecException;
import dev.poolmark.evaluator.plugin.PluginCatalog;
import dev.poolmark.evaluator.plugin.PluginJar;
import dev.poolmark.evaluator.plugin.PoolerSpec;
import dev.poolmark.evaluator.plugin.TestPooler;
import dev.poolmark.evaluator.score.ScoreFormula;
import dev.poolmark.evaluator.torch.TorchArchive;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import java.util.concurrent.CancellationException;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EvaluationTest {

  private static final int PAIRS = 150;
  private static final int DIM = 12;

  @TempDir static Path folder;
  private static TokenStore data;
  private static PluginCatalog catalog;

  @BeforeAll
  static void writeDataAndPlugins() throws IOException {
    writeData(folder.resolve("data"));
    data = TokenStores.open(PairFiles.in(folder.resolve("data")), DIM, Optional.empty(), "data");
    PluginJar.of(
            MisbehavingPoolers.Throwing.class,
            MisbehavingPoolers.WrongShape.class,
            MisbehavingPoolers.NotANumber.class,
            MisbehavingPoolers.ChangingWidth.class,
            MisbehavingPoolers.NoLine.class,
            MisbehavingPoolers.CreateThrows.class,
            MisbehavingPoolers.TooBig.class,
            MisbehavingPoolers.Slow.class,
            MisbehavingPoolers.BlockThrows.class,
            MisbehavingPoolers.Block.class)
        .withClasses(TestPooler.class, Evaluation.class)
        .writeTo(folder.resolve("plugins/misbehaving.jar"));
    Path builtIn = Path.of(System.getProperty("poolmark.plugins"));
    catalog = PluginCatalog.of(List.of(builtIn, folder.resolve("plugins")));
    assertEquals(List.of(), catalog.broken());
  }

  @AfterAll
  static void close() {
    data.close();
  }

  /** Random tokens; the label grows with what the two sentences share. */
  private static void writeData(Path to) throws IOException {
    Random random = new Random(5);
    List<String> first = new ArrayList<>();
    List<String> second = new ArrayList<>();
    List<String> labels = new ArrayList<>();
    for (int pair = 0; pair < PAIRS; pair++) {
      double shared = random.nextDouble();
      double[] topic = random.doubles(DIM, -1, 1).toArray();
      double[] other = random.doubles(DIM, -1, 1).toArray();
      for (int i = 0; i < DIM; i++) {
        other[i] = shared * topic[i] + (1 - shared) * other[i];
      }
      first.add(row(topic, 1 + random.nextInt(20), random));
      second.add(row(other, 1 + random.nextInt(20), random));
      labels.add(Double.toString(5 * shared));
    }
    Files.createDirectories(to);
    Files.write(to.resolve("first.txt"), first);
    Files.write(to.resolve("second.txt"), second);
    Files.write(to.resolve("labels.txt"), labels);
  }

  private static String row(double[] topic, int tokens, Random random) {
    StringBuilder row = new StringBuilder().append(tokens).append(' ').append(DIM);
    for (int token = 0; token < tokens; token++) {
      for (double value : topic) {
        row.append(' ').append((float) (value + 0.2 * random.nextGaussian()));
      }
    }
    return row.toString();
  }

  @Test
  void theReportOfAPoolerIsComplete() {
    EvaluationReport report = evaluate("mean").get(0);
    assertEquals("mean", report.pooler().name());
    assertEquals(DIM, report.pooler().outputDim());
    assertEquals(0L, report.pooler().parameters());
    assertTrue(report.pooler().withinSizeLimit());
    assertEquals(PAIRS, report.dataset().pairs());
    assertEquals(2 * PAIRS, report.dataset().sentences());
    assertEquals(data.sha256(), report.dataset().sha256());
    assertTrue(report.quality().cosineSpearman() > 0.8, "the labels follow what is shared");
    assertEquals(80 * report.quality().cosineSpearman(), report.quality().score(), 1e-9);
    assertInside(report.quality().ci95(), report.quality().score());
    double ratio = report.time().referenceRatio();
    assertInside(report.time().referenceRatioCi95(), ratio);
    assertEquals(20 / (1 + ratio / 9), report.time().score(), 1e-9);
    assertEquals(report.quality().score() + report.time().score(), report.total().score(), 1e-9);
    assertInside(report.total().ci95(), report.total().score());
    assertTrue(report.eligible());
    assertEquals(1, report.environment().threads());
    assertEquals("2.3.0", report.environment().torch());
  }

  @Test
  void theTimeByLengthCountsEverySentenceInItsBucket() {
    List<LengthBucket> buckets = evaluate("sum").get(0).time().byLength();
    assertEquals(List.of(1, 9, 17), buckets.stream().map(LengthBucket::minTokens).toList());
    assertEquals(List.of(8, 16, 32), buckets.stream().map(LengthBucket::maxTokens).toList());
    assertEquals(2 * PAIRS, buckets.stream().mapToLong(LengthBucket::sentences).sum());
  }

  @Test
  void sumEqualsMeanUnderCosineAndFastFormsEqualTheirModels() {
    List<EvaluationReport> reports =
        evaluate("mean", "sum", "mean_sqrt_len_tokens", "fast_mean", "max", "amax");
    double mean = reports.get(0).quality().cosineSpearman();
    assertEquals(mean, reports.get(1).quality().cosineSpearman(), 1e-6);
    assertEquals(mean, reports.get(2).quality().cosineSpearman(), 1e-6);
    assertEquals(
        reports.get(0).quality().euclideanPearson(),
        reports.get(3).quality().euclideanPearson(),
        1e-6);
    assertEquals(
        reports.get(4).quality().manhattanPearson(),
        reports.get(5).quality().manhattanPearson(),
        1e-6);
  }

  @Test
  void poolersDoNotDependOnTheBatchTheirSentencesArePaddedIn() {
    for (EvaluationReport padded :
        evaluate(
            "cls",
            "max",
            "mean",
            "mean_sqrt_len_tokens",
            "weightedmean",
            "lasttoken",
            "concat:modes=mean+max,normalize=true",
            "sum",
            "fast_mean",
            "amax",
            "relu_max")) {
      EvaluationReport alone = evaluate(1, padded.pooler().spec());
      assertEquals(
          padded.quality().euclideanPearson(),
          alone.quality().euclideanPearson(),
          1e-5,
          padded.pooler().spec());
    }
  }

  @Test
  void aBlockOfDjlIsScored() {
    List<EvaluationReport> reports = evaluate("sum", "block");
    assertEquals(
        reports.get(0).quality().dotPearson(), reports.get(1).quality().dotPearson(), 1e-9);
  }

  @Test
  void aTorchScriptFileIsAPoolerByItself() throws IOException {
    Path file = folder.resolve("mine.pt");
    TorchArchive.writeScript(file, List.of("return torch.sum(x, [1])"), List.of());
    EvaluationReport report = evaluate(file.toString()).get(0);
    assertEquals("mine", report.pooler().name());
    assertEquals(DIM, report.pooler().outputDim());
    assertEquals(Files.size(file), report.pooler().parameterBytes());
    assertTrue(report.eligible());
  }

  @Test
  void aFileThatIsNoTorchScriptIsAFinding() throws IOException {
    Path file = Files.writeString(folder.resolve("text.pt"), "no archive");
    assertFinding(file.toString(), "expected a TorchScript file");
  }

  @Test
  void everyMisbehaviourCostsItsOwnRowAndTheRestIsScored() {
    assertFinding("throwing", "its forward pass failed: Dimension out of range");
    assertFinding("wrong_shape", "expected embeddings of shape (64, 12), found (64, ");
    assertFinding("not_a_number", "expected finite embeddings, found ");
    assertFinding("changing_width", "expected embeddings of shape (64, 12), found (64, ");
    assertFinding("no_line", "forward line 1 (return torch.summ(x, [1])): ");
    assertFinding("block_throws", "its forward pass failed: not today");
    assertFinding("create_throws", "it can't be made: nothing works today");
  }

  @Test
  void aPoolerThatIsTooBigIsNotRun() {
    EvaluationReport report = assertFinding("too_big", "expected a model of at most 20 MiB");
    assertFalse(report.pooler().withinSizeLimit());
    assertTrue(report.pooler().parameterBytes() > Contest.SIZE_LIMIT);
  }

  @Test
  void initialWeightsAreReported() {
    EvaluationReport report = evaluate("projection:output_dim=4").get(0);
    assertEquals(
        List.of("its weights are initial ones, not trained: see 'poolmark train'"),
        report.findings());
    assertTrue(report.eligible());
  }

  @Test
  void aPoolerThatIsTooSlowIsEndedBetweenTwoBatches() {
    EvaluationReport report = evaluate(Duration.ofMillis(20), "slow").get(0);
    assertEquals(
        List.of("expected an end within 0.02 s, found it still running"), report.findings());
  }

  @Test
  void anUnknownPoolerEndsTheRunBeforeAnyIsScored() {
    List<Progress> told = new ArrayList<>();
    Evaluation evaluation =
        new Evaluation(catalog, request(64, Optional.empty(), "mean", "mien"), told::add);
    assertThrows(BadSpecException.class, evaluation::run);
    assertEquals(List.of(), told);
  }

  @Test
  void progressEndsWithTheReport() {
    List<Progress> told = new ArrayList<>();
    Evaluation evaluation =
        new Evaluation(catalog, request(10, Optional.empty(), "slow"), told::add);
    List<EvaluationResult> results = evaluation.run();
    Progress.Running running = (Progress.Running) told.get(0);
    assertEquals("slow", running.pooler());
    assertEquals(PAIRS, running.total());
    assertTrue(running.pairs() > 0 && running.etaSeconds() > 0);
    assertEquals(new Progress.Done("slow", results.get(0).report()), told.get(told.size() - 1));
  }

  @Test
  void aCancelTakesEffectBetweenTwoBatches() {
    List<Evaluation> self = new ArrayList<>();
    Evaluation evaluation =
        new Evaluation(
            catalog, request(10, Optional.empty(), "slow"), progress -> self.get(0).cancel());
    self.add(evaluation);
    assertThrows(CancellationException.class, evaluation::run);
  }

  @Test
  void constantEmbeddingsAreReportedInsteadOfNaN() throws IOException {
    Path file = folder.resolve("constant.pt");
    TorchArchive.writeScript(
        file, List.of("return torch.add(torch.mul(torch.sum(x, [1]), 0), 1)"), List.of());
    EvaluationReport report = evaluate(file.toString()).get(0);
    assertNull(report.quality().cosineSpearman());
    assertNull(report.quality().ci95());
    assertEquals(0, report.quality().score());
    assertNull(report.total().ci95());
    assertEquals(
        List.of("cosine_spearman is undefined: the cosine of all 150 pairs is equal"),
        report.findings());
  }

  @Test
  void aSinglePassHasNoInterval() {
    EvaluationReport report = evaluate(new Timing(Engine.JAVA, Protocol.COLD, false, 1), "sum");
    assertNull(report.time().referenceRatioCi95());
    assertNull(report.total().ci95());
    assertNotNull(report.quality().ci95());
    assertEquals("cold", report.time().protocol());
    assertEquals(1, report.time().passes());
    assertTrue(report.time().referenceRatio() > 0);
  }

  @Test
  void everyProtocolIsTimedAtEveryBatchSizeAndTheQualityIsTheSame() {
    EvaluationReport fresh = evaluate("sum").get(0);
    assertEquals(List.of(), fresh.time().protocols());
    EvaluationReport all = evaluate(new Timing(Engine.JAVA, Protocol.HOT, true, 2), "sum");
    assertEquals(
        List.of(
            "fresh 1",
            "fresh 16",
            "fresh 64",
            "fresh 256",
            "cold 1",
            "cold 16",
            "cold 64",
            "cold 256",
            "hot 1",
            "hot 16",
            "hot 64",
            "hot 256"),
        all.time().protocols().stream()
            .map(timed -> timed.protocol() + " " + timed.batchSize())
            .toList());
    for (EvaluationReport.ProtocolTime timed : all.time().protocols()) {
      assertInside(timed.referenceRatioCi95(), timed.referenceRatio());
      assertTrue(timed.usPerSentence() > 0 && timed.score() > 0 && timed.score() < 20);
    }
    assertEquals(fresh.quality().dotPearson(), all.quality().dotPearson());
  }

  @Test
  void aComparisonIsPairedAndKnowsTheBetterOne() {
    EvaluationRequest request = request(64, Optional.empty(), "cls", "sum");
    List<EvaluationResult> results = new Evaluation(catalog, request, progress -> {}).run();
    Comparison comparison = Comparison.of(results.get(0), results.get(1), ScoreFormula.DEFAULT);
    assertEquals(
        results.get(1).report().total().score() - results.get(0).report().total().score(),
        comparison.total().points(),
        1e-9);
    assertInside(comparison.quality().ci95(), comparison.quality().points());
    Comparison same = Comparison.of(results.get(0), results.get(0), ScoreFormula.DEFAULT);
    assertEquals(0, same.total().points());
    assertEquals(0, same.quality().ci95()[1]);
  }

  private static List<EvaluationReport> evaluate(String... specs) {
    return run(request(64, Optional.empty(), specs));
  }

  private static List<EvaluationReport> evaluate(Duration timeout, String... specs) {
    return run(request(64, Optional.of(timeout), specs));
  }

  private static EvaluationReport evaluate(int batchSize, String spec) {
    return run(request(batchSize, Optional.empty(), spec)).get(0);
  }

  private static List<EvaluationReport> run(EvaluationRequest request) {
    return new Evaluation(catalog, request, progress -> {})
        .run().stream().map(EvaluationResult::report).toList();
  }

  private static EvaluationReport evaluate(Timing timing, String spec) {
    return run(request(64, Optional.empty(), timing, spec)).get(0);
  }

  private static EvaluationRequest request(
      int batchSize, Optional<Duration> timeout, String... specs) {
    return request(batchSize, timeout, Timing.DEFAULT, specs);
  }

  private static EvaluationRequest request(
      int batchSize, Optional<Duration> timeout, Timing timing, String... specs) {
    return new EvaluationRequest(
        data,
        Stream.of(specs).map(PoolerSpec::parse).toList(),
        batchSize,
        ScoreFormula.DEFAULT,
        timeout,
        OptionalInt.empty(),
        timing);
  }

  /** The pooler has no scores but a finding, and the one after it is scored all the same. */
  private static EvaluationReport assertFinding(String spec, String beginning) {
    List<EvaluationReport> reports = evaluate(spec, "sum");
    EvaluationReport report = reports.get(0);
    assertEquals(1, report.findings().size());
    String finding = report.findings().get(0);
    assertTrue(finding.contains(beginning), finding);
    assertEquals(1, finding.lines().count());
    assertFalse(report.eligible());
    assertNull(report.total());
    assertNull(report.quality());
    assertNotNull(reports.get(1).total());
    return report;
  }

  private static void assertInside(double[] interval, double value) {
    assertTrue(
        interval[0] <= value && value <= interval[1],
        interval[0] + " to " + interval[1] + " does not hold " + value);
  }
}
