package dev.poolmark.evaluator.training;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDList;
import ai.djl.nn.LambdaBlock;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.core.Linear;
import ai.djl.nn.norm.BatchNorm;
import ai.djl.nn.norm.Dropout;
import dev.poolmark.api.BlockPooler;
import dev.poolmark.api.Pooler;
import dev.poolmark.api.PoolerOptions;
import dev.poolmark.evaluator.contest.OverSizeLimitException;
import dev.poolmark.evaluator.dataset.TokenStore;
import dev.poolmark.evaluator.evaluation.Evaluation;
import dev.poolmark.evaluator.evaluation.EvaluationReport;
import dev.poolmark.evaluator.evaluation.EvaluationRequest;
import dev.poolmark.evaluator.evaluation.Timing;
import dev.poolmark.evaluator.plugin.BadSpecException;
import dev.poolmark.evaluator.plugin.PluginCatalog;
import dev.poolmark.evaluator.plugin.PluginJar;
import dev.poolmark.evaluator.plugin.PoolerSpec;
import dev.poolmark.evaluator.plugin.TestPooler;
import dev.poolmark.evaluator.plugin.TrainedModel;
import dev.poolmark.evaluator.score.ScoreFormula;
import dev.poolmark.evaluator.submission.SubmissionRequest;
import dev.poolmark.evaluator.torch.Tensor;
import dev.poolmark.evaluator.torch.TensorType;
import dev.poolmark.evaluator.torch.TorchEngine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A block of DJL, from a plugin's jar, through training, scoring and export. */
class BlockPoolerTest {

  private static final int DIM = 12;
  private static final Path BUILT_IN = Path.of(System.getProperty("poolmark.plugins"));

  /** Sum, a dense layer, and what has running statistics beside its weights. */
  public static final class Dense extends TestPooler {
    public Dense() {
      super("dense", "");
    }

    @Override
    public Pooler create(PoolerOptions options) {
      return new BlockPooler(
          new SequentialBlock()
              .add(new LambdaBlock(x -> new NDList(x.get(0).sum(new int[] {1}))))
              .add(Linear.builder().setUnits(4).build())
              .add(BatchNorm.builder().build())
              .add(Dropout.builder().optRate(0.05f).build()),
          4);
    }
  }

  /** 24 MB of weights at a width of 12. */
  public static final class Large extends TestPooler {
    public Large() {
      super("large", "");
    }

    @Override
    public Pooler create(PoolerOptions options) {
      return new BlockPooler(
          new SequentialBlock()
              .add(new LambdaBlock(x -> new NDList(x.get(0).sum(new int[] {1}))))
              .add(Linear.builder().setUnits(500_000).optBias(false).build()),
          500_000);
    }
  }

  /** Nothing but a sum. */
  public static final class Bare extends TestPooler {
    public Bare() {
      super("bare", "");
    }

    @Override
    public Pooler create(PoolerOptions options) {
      return new BlockPooler(
          new LambdaBlock(x -> new NDList(x.get(0).sum(new int[] {1}))), options.inputDim());
    }
  }

  @TempDir private Path folder;
  private PluginCatalog plugins;
  private TokenStore train;
  private TokenStore dev;

  @BeforeAll
  static void startTorch() {
    TorchEngine.start(1);
  }

  @BeforeEach
  void open() throws IOException {
    PluginJar.of(Dense.class, Large.class, Bare.class)
        .withClasses(TestPooler.class)
        .writeTo(folder.resolve("plugins/blocks.jar"));
    plugins = PluginCatalog.of(List.of(BUILT_IN, folder.resolve("plugins")));
    assertEquals(List.of(), plugins.broken());
    train = SyntheticPairs.store(folder, 400, DIM, 1);
    dev = SyntheticPairs.store(folder, 200, DIM, 2);
  }

  @AfterEach
  void close() {
    train.close();
    dev.close();
  }

  @Test
  void itsTrainedFolderIsScoredWhereItsPluginIs() throws IOException {
    List<TrainingEvent> events = new ArrayList<>();
    train("dense", 6, false, events::add);
    TrainingEvent.Started started = (TrainingEvent.Started) events.get(0);
    TrainingEvent.Finished finished = (TrainingEvent.Finished) events.get(events.size() - 1);
    double before = started.dev().cosineSpearman();
    assertTrue(finished.dev().cosineSpearman() > before + 0.05, finished + " after " + started);
    assertEquals(4 * DIM + 4 + 4 * 4, started.parameters());
    assertEquals("ai.djl.nn.SequentialBlock", json("block"));

    EvaluationReport report = score(out().toString());
    assertEquals(List.of(), report.findings());
    assertEquals("dense", report.pooler().name());
    assertEquals(started.parameters(), report.pooler().parameters());
    assertEquals(finished.dev().cosineSpearman(), report.quality().cosineSpearman(), 1e-6);
  }

  @Test
  void withoutItsPluginOneLineTellsWhatIsMissing() throws IOException {
    train("dense", 1, false, event -> {});
    PluginCatalog builtIn = PluginCatalog.of(List.of(BUILT_IN));
    PoolerSpec spec = PoolerSpec.parse(out().toString());
    String expected =
        "pooler '%s': expected the plugin that its block comes from, blocks.jar with 'dense', found no pooler 'dense'"
            .formatted(out());
    assertEquals(
        expected,
        assertThrows(BadSpecException.class, () -> builtIn.check(spec, DIM)).getMessage());
    assertEquals(
        expected,
        assertThrows(BadSpecException.class, () -> builtIn.create(spec, DIM)).getMessage());
  }

  @Test
  void aBlockOfAnotherShapeIsNotGivenTheWeights() throws IOException {
    TrainedModel model = train("dense", 1, false, event -> {});
    List<Tensor> fewer = model.weights().subList(0, 2);
    new TrainedModel("dense", "dense", "blocks.jar", "1", DIM, 4, model.architecture(), fewer, null)
        .write(out());
    assertEquals(
        "its block can't be initialised: expected the block that was trained, with 2 weights, found one with 6",
        score(out().toString()).findings().get(0));
  }

  @Test
  void itIsNotExported() throws IOException {
    train("dense", 1, false, event -> {});
    BadSpecException refusal =
        assertThrows(
            BadSpecException.class,
            () ->
                new SubmissionRequest(
                    plugins.create(PoolerSpec.parse(out().toString()), DIM),
                    DIM,
                    TensorType.FLOAT32,
                    folder.resolve("dense.zip")));
    assertEquals(
        "pooler '%s': expected forward lines or a TorchScript file to export, found a DJL block"
            .formatted(out()),
        refusal.getMessage());
  }

  @Test
  void theSameSeedGivesTheSameWeightsAlsoAfterAnInterruption() throws IOException {
    float[][] uninterrupted = values(train("dense", 3, false, event -> {}));
    AtomicReference<Trainer> trainer = new AtomicReference<>();
    Consumer<TrainingEvent> interrupt =
        event -> {
          if (event instanceof TrainingEvent.Step step && step.epoch() == 2) {
            trainer.get().cancel();
          }
        };
    trainer.set(trainer("dense", 3, false, interrupt));
    assertThrows(CancellationException.class, () -> trainer.get().run());
    assertArrayEquals(uninterrupted, values(train("dense", 3, true, event -> {})));
  }

  @Test
  void whatCannotBeTrainedIsRefusedBeforeTheFirstStep() throws IOException {
    assertEquals(
        "pooler 'bare': expected weights to train, found none",
        assertThrows(BadSpecException.class, () -> train("bare", 1, false, e -> {})).getMessage());
    assertThrows(OverSizeLimitException.class, () -> train("large", 1, false, event -> {}));
    assertFalse(Files.exists(out()));
    train("dense", 1, false, event -> {});
    assertEquals(
        "pooler '%s': expected a block of a plugin to train, found one that is trained"
            .formatted(out()),
        assertThrows(BadSpecException.class, () -> train(out().toString(), 1, false, e -> {}))
            .getMessage());
  }

  private Path out() {
    return folder.resolve("model");
  }

  private String json(String field) throws IOException {
    return new com.fasterxml.jackson.databind.ObjectMapper()
        .readTree(out().resolve("pooler.json").toFile())
        .path(field)
        .asText();
  }

  private TrainedModel train(
      String spec, int epochs, boolean resume, Consumer<TrainingEvent> listener)
      throws IOException {
    return trainer(spec, epochs, resume, listener).run();
  }

  private Trainer trainer(
      String spec, int epochs, boolean resume, Consumer<TrainingEvent> listener) {
    TrainingSettings settings =
        new TrainingSettings(
            Loss.PEARSON, Initial.AXES, 0, epochs, 32, 0.02, 0.1, 0.01, 1, 0, 20, 1);
    TrainingRequest request =
        new TrainingRequest(
            plugins.create(PoolerSpec.parse(spec), DIM),
            DataRows.all(train),
            DataRows.all(dev),
            settings,
            out(),
            resume);
    return new Trainer(request, listener);
  }

  private EvaluationReport score(String spec) {
    EvaluationRequest request =
        new EvaluationRequest(
            dev,
            List.of(PoolerSpec.parse(spec)),
            64,
            ScoreFormula.DEFAULT,
            Optional.empty(),
            OptionalInt.empty(),
            Timing.DEFAULT);
    return new Evaluation(plugins, request, progress -> {}).run().get(0).report();
  }

  private static float[][] values(TrainedModel model) {
    return model.weights().stream().map(Tensor::values).toArray(float[][]::new);
  }
}
