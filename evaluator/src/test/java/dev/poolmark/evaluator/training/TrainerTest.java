package dev.poolmark.evaluator.training;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.poolmark.api.Init;
import dev.poolmark.api.TorchPooler;
import dev.poolmark.api.Weight;
import dev.poolmark.evaluator.contest.OverSizeLimitException;
import dev.poolmark.evaluator.dataset.TokenStore;
import dev.poolmark.evaluator.files.BadDataException;
import dev.poolmark.evaluator.plugin.BadSpecException;
import dev.poolmark.evaluator.plugin.PluginCatalog;
import dev.poolmark.evaluator.plugin.PoolerSpec;
import dev.poolmark.evaluator.plugin.SpecifiedPooler;
import dev.poolmark.evaluator.plugin.TrainedModel;
import dev.poolmark.evaluator.safetensors.SafetensorsFile;
import dev.poolmark.evaluator.torch.PoolerFault;
import dev.poolmark.evaluator.torch.TorchEngine;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class TrainerTest {

  private static final int DIM = 12;
  private static final PluginCatalog PLUGINS =
      PluginCatalog.of(List.of(Path.of(System.getProperty("poolmark.plugins"))));

  @TempDir private Path folder;
  private TokenStore train;
  private TokenStore dev;

  @BeforeAll
  static void startTorch() {
    TorchEngine.start(1);
  }

  @BeforeEach
  void openData() throws IOException {
    train = SyntheticPairs.store(folder, 400, DIM, 1);
    dev = SyntheticPairs.store(folder, 200, DIM, 2);
  }

  @AfterEach
  void closeData() {
    train.close();
    dev.close();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "attention:output_dim=4",
        "attention:output_dim=4,heads=2",
        "gated:output_dim=4",
        "gated:output_dim=4,per=dimension",
        "low_rank:rank=6",
        "mlp:output_dim=4,hidden=8",
        "projection:output_dim=4",
        "transformer:output_dim=4,heads=2,inner=8,hidden=8"
      })
  void everyLearnedPoolerGetsBetterOnPairsThatItHasNotSeen(String spec) throws IOException {
    List<TrainingEvent> events = new ArrayList<>();
    new Trainer(request(spec, settings(Loss.PEARSON, 8, 1), false), events::add).run();
    TrainingEvent.Started started = (TrainingEvent.Started) events.get(0);
    TrainingEvent.Finished finished = (TrainingEvent.Finished) events.get(events.size() - 1);
    double gain = finished.dev().cosineSpearman() - started.dev().cosineSpearman();
    assertTrue(gain > 0.05, spec + ": " + started.dev() + " to " + finished.dev());
  }

  @ParameterizedTest
  @EnumSource(names = {"SPEARMAN", "PEARSON", "COSENT", "ANGLE", "COSINE_MSE", "MNRL"})
  void everyLossGetsSmaller(Loss loss) throws IOException {
    List<Double> losses = new ArrayList<>();
    Consumer<TrainingEvent> listener =
        event -> {
          if (event instanceof TrainingEvent.Epoch epoch) {
            losses.add(epoch.loss());
          }
        };
    try (TokenStore alike = SyntheticPairs.store(folder, 400, DIM, 1, 3)) {
      TrainingRequest request =
          new TrainingRequest(
              PLUGINS.create(PoolerSpec.parse("attention:output_dim=8,dropout=0"), DIM),
              DataRows.all(alike),
              DataRows.all(dev),
              settings(loss, 6, 1),
              out(),
              false);
      new Trainer(request, listener).run();
    }
    assertTrue(losses.get(losses.size() - 1) < 0.97 * losses.get(0), losses.toString());
  }

  @Test
  void theSameSeedGivesTheSameWeights() throws IOException {
    TrainingSettings settings = settings(Loss.PEARSON, 2, 7);
    float[] first =
        weights(new Trainer(request("attention:output_dim=4", settings, false), e -> {}).run());
    float[] again =
        weights(new Trainer(request("attention:output_dim=4", settings, false), e -> {}).run());
    float[] other =
        weights(
            new Trainer(
                    request("attention:output_dim=4", settings(Loss.PEARSON, 2, 8), false), e -> {})
                .run());
    assertArrayEquals(first, again);
    assertFalse(Arrays.equals(first, other));
  }

  @Test
  void aResumedTrainingEndsAsAnUninterruptedOne() throws IOException {
    TrainingSettings settings = settings(Loss.PEARSON, 4, 3);
    float[] uninterrupted =
        weights(new Trainer(request("mlp:output_dim=4,hidden=8", settings, false), e -> {}).run());
    AtomicReference<Trainer> trainer = new AtomicReference<>();
    Consumer<TrainingEvent> interruptInEpoch3 =
        event -> {
          if (event instanceof TrainingEvent.Step step && step.epoch() == 3 && step.step() == 2) {
            trainer.get().cancel();
          }
        };
    trainer.set(
        new Trainer(request("mlp:output_dim=4,hidden=8", settings, false), interruptInEpoch3));
    CancellationException cancelled =
        assertThrows(CancellationException.class, () -> trainer.get().run());
    assertEquals("interrupted in epoch 3; --resume goes on after epoch 2", cancelled.getMessage());
    List<TrainingEvent> events = new ArrayList<>();
    float[] resumed =
        weights(
            new Trainer(request("mlp:output_dim=4,hidden=8", settings, true), events::add).run());
    assertEquals(2, ((TrainingEvent.Started) events.get(0)).epoch());
    assertArrayEquals(uninterrupted, resumed);
    assertFalse(Files.exists(out().resolve("checkpoint.safetensors")));
  }

  @Test
  void anEpochIsAnnouncedOnceItCanBeResumed() throws IOException {
    List<String> onDisk = new ArrayList<>();
    Consumer<TrainingEvent> listener =
        event -> {
          if (event instanceof TrainingEvent.Epoch epoch) {
            try (SafetensorsFile file =
                SafetensorsFile.open(out().resolve("checkpoint.safetensors"))) {
              onDisk.add(epoch.epoch() + " " + file.metadata().get("steps"));
            } catch (IOException e) {
              throw new UncheckedIOException(e);
            }
          }
        };
    new Trainer(request("projection:output_dim=4", settings(Loss.PEARSON, 3, 1), false), listener)
        .run();
    assertEquals(List.of("1 13", "2 26", "3 39"), onDisk, "400 pairs are 13 batches of about 32");
  }

  @Test
  void aCheckpointWhoseBytesChangedIsRefused() throws IOException {
    Path checkpoint = out().resolve("checkpoint.safetensors");
    TrainingSettings settings = settings(Loss.PEARSON, 3, 1);
    List<byte[]> written = new ArrayList<>();
    Consumer<TrainingEvent> listener =
        event -> {
          if (event instanceof TrainingEvent.Epoch) {
            try {
              written.add(Files.readAllBytes(checkpoint));
            } catch (IOException e) {
              throw new UncheckedIOException(e);
            }
          }
        };
    new Trainer(request("projection:output_dim=4", settings, false), listener).run();
    byte[] whole = written.get(0);
    for (int at : new int[] {20, whole.length / 2, whole.length - 40}) {
      byte[] damaged = whole.clone();
      damaged[at] ^= 1;
      Files.write(checkpoint, damaged);
      IOException refused =
          assertThrows(
              IOException.class,
              () ->
                  new Trainer(request("projection:output_dim=4", settings, true), event -> {})
                      .run());
      assertTrue(refused.getMessage().startsWith(checkpoint + ": "), refused.getMessage());
    }
    Files.write(checkpoint, whole);
    new Trainer(request("projection:output_dim=4", settings, true), event -> {}).run();
  }

  @Test
  void frozenWeightsDoNotCountInGradientClipping() throws IOException {
    Weight trained = Weight.of("p", Init.normal(1), DIM, 2);
    TorchPooler literal = moved("0.5", trained);
    TorchPooler frozen = moved("self.c", trained, Weight.fixed("c", Init.values(0.5f), 1));
    assertArrayEquals(trainedWeight(literal), trainedWeight(frozen));
  }

  /** Its lines add a number to each embedding. */
  private static TorchPooler moved(String by, Weight... weights) {
    List<String> lines =
        List.of("e = torch.matmul(torch.sum(x, [1]), self.p)", "return torch.add(e, " + by + ")");
    return new TorchPooler(lines, List.of(weights), 2);
  }

  private float[] trainedWeight(TorchPooler lines) throws IOException {
    TrainingSettings clipped =
        new TrainingSettings(Loss.PEARSON, Initial.AXES, 0, 4, 32, 0.02, 0.1, 0, 1e-3, 0, 20, 1);
    TrainingRequest request =
        new TrainingRequest(
            new SpecifiedPooler("moved", "moved", "test", "1", lines),
            DataRows.all(train),
            DataRows.all(dev),
            clipped,
            out(),
            false);
    List<TrainingEvent> events = new ArrayList<>();
    TrainedModel model = new Trainer(request, events::add).run();
    TrainingEvent.Finished finished = (TrainingEvent.Finished) events.get(events.size() - 1);
    assertTrue(finished.bestEpoch() > 0, "the weights that are kept were trained");
    return model.weights().get(0).values();
  }

  @Test
  void anotherTrainingCannotBeResumed() throws IOException {
    AtomicReference<Trainer> trainer = new AtomicReference<>();
    Consumer<TrainingEvent> interruptInEpoch2 =
        event -> {
          if (event instanceof TrainingEvent.Step step && step.epoch() == 2) {
            trainer.get().cancel();
          }
        };
    TrainingRequest first = request("projection:output_dim=4", settings(Loss.PEARSON, 3, 1), false);
    trainer.set(new Trainer(first, interruptInEpoch2));
    assertThrows(CancellationException.class, () -> trainer.get().run());
    TrainingRequest other = request("projection:output_dim=3", settings(Loss.PEARSON, 3, 1), true);
    BadDataException refusal =
        assertThrows(BadDataException.class, () -> new Trainer(other, e -> {}).run());
    assertTrue(
        refusal
            .getMessage()
            .endsWith(
                "expected a training with spec projection:output_dim=3, found projection:output_dim=4"),
        refusal.getMessage());
  }

  @Test
  void trainingEndsEarlyWhereNothingGetsBetter() throws IOException {
    TrainingSettings hopeless =
        new TrainingSettings(Loss.PEARSON, Initial.AXES, 0, 50, 64, 1e-12, 0, 0, 1, 0, 2, 1);
    List<TrainingEvent> events = new ArrayList<>();
    new Trainer(request("attention:output_dim=4", hopeless, false), events::add).run();
    TrainingEvent.Finished finished = (TrainingEvent.Finished) events.get(events.size() - 1);
    assertTrue(finished.epochs() < 50, finished.toString());
    assertEquals(finished.epochs() - 2, finished.bestEpoch());
  }

  @Test
  void averagedWeightsAreTheOnesThatAreKept() throws IOException {
    TrainingSettings plain = settings(Loss.PEARSON, 2, 1);
    TrainingSettings averaged =
        new TrainingSettings(
            Loss.PEARSON,
            Initial.AXES,
            0,
            plain.epochs(),
            plain.batchSize(),
            plain.learningRate(),
            plain.warmup(),
            plain.weightDecay(),
            plain.clipNorm(),
            0.9,
            plain.patience(),
            plain.seed());
    float[] last =
        weights(new Trainer(request("projection:output_dim=4", plain, false), e -> {}).run());
    float[] mean =
        weights(new Trainer(request("projection:output_dim=4", averaged, false), e -> {}).run());
    assertFalse(Arrays.equals(last, mean));
  }

  @ParameterizedTest
  @ValueSource(strings = {"whitening:output_dim=4", "standardize", "abtt:k=2"})
  void whatHasAClosedFormIsFittedWithoutASingleStep(String spec) throws IOException {
    List<TrainingEvent> events = new ArrayList<>();
    new Trainer(request(spec, settings(Loss.PEARSON, 8, 1), false), events::add).run();
    assertEquals(2, events.size());
    assertTrue(TrainedModel.isIn(out()));
  }

  @Test
  void aModelThatWasThereBeforeStaysWhenTrainingFails() throws IOException {
    new Trainer(request("projection:output_dim=4", settings(Loss.PEARSON, 1, 1), false), e -> {})
        .run();
    byte[] before = Files.readAllBytes(out().resolve("model.safetensors"));
    TorchPooler broken =
        new TorchPooler(
            List.of("return torch.sqrt(torch.matmul(torch.sum(x, [1]), self.p))"),
            List.of(Weight.of("p", Init.normal(1), DIM, 2)),
            2);
    SpecifiedPooler pooler = new SpecifiedPooler("broken", "broken", "test", "1", broken);
    assertThrows(
        PoolerFault.class,
        () ->
            new Trainer(
                    new TrainingRequest(
                        pooler,
                        DataRows.all(train),
                        DataRows.all(dev),
                        settings(Loss.PEARSON, 1, 1),
                        out(),
                        false),
                    e -> {})
                .run());
    assertArrayEquals(before, Files.readAllBytes(out().resolve("model.safetensors")));
    assertEquals("projection", TrainedModel.read(out()).name());
  }

  @Test
  void aLossThatIsNoNumberEndsTheTrainingWithOneLine() {
    TorchPooler broken =
        new TorchPooler(
            List.of(
                "e = torch.matmul(torch.sum(x, [1]), self.p)",
                "if self.training:",
                "  e = torch.sqrt(torch.sub(torch.mul(e, 0), 1))",
                "return e"),
            List.of(Weight.of("p", Init.normal(1), DIM, 2)),
            2);
    SpecifiedPooler pooler = new SpecifiedPooler("broken", "broken", "test", "1", broken);
    TrainingRequest request =
        new TrainingRequest(
            pooler,
            DataRows.all(train),
            DataRows.all(dev),
            settings(Loss.PEARSON, 1, 1),
            out(),
            false);
    PoolerFault fault = assertThrows(PoolerFault.class, () -> new Trainer(request, e -> {}).run());
    assertEquals(
        "expected a finite loss, found NaN in epoch 1, step 1; a lower learning rate may help",
        fault.getMessage());
    assertFalse(Files.exists(out()));
  }

  @Test
  void whatCannotBeTrainedIsRefused() {
    BadSpecException refusal =
        assertThrows(
            BadSpecException.class, () -> request("mean", settings(Loss.PEARSON, 1, 1), false));
    assertEquals("pooler 'mean': expected weights to train, found none", refusal.getMessage());
    assertThrows(
        OverSizeLimitException.class,
        () -> request("mlp:output_dim=4,hidden=300000", settings(Loss.PEARSON, 1, 1), false));
  }

  @Test
  void dataThatCannotTeachIsRefused() throws IOException {
    DataRows all = DataRows.all(train);
    DataRows none = new DataRows(dev, new int[0]);
    SpecifiedPooler pooler = PLUGINS.create(PoolerSpec.parse("projection:output_dim=4"), DIM);
    TrainingSettings settings = settings(Loss.PEARSON, 1, 1);
    BadDataException empty =
        assertThrows(
            BadDataException.class,
            () -> new TrainingRequest(pooler, all, none, settings, out(), false));
    assertEquals("synthetic: expected at least 2 dev pairs, found 0", empty.getMessage());
    DataRows constant = new DataRows(dev, new int[] {5, 5, 5});
    BadDataException equal =
        assertThrows(
            BadDataException.class,
            () -> new TrainingRequest(pooler, constant, all, settings, out(), false));
    assertTrue(equal.getMessage().contains("expected training labels that differ, found 3 times"));
    try (TokenStore narrow = SyntheticPairs.store(folder, 10, DIM - 1, 3)) {
      assertThrows(
          BadDataException.class,
          () -> new TrainingRequest(pooler, all, DataRows.all(narrow), settings, out(), false));
    }
  }

  @Test
  void aSplitIsSeededAndHasNoPairTwice() {
    DataRows.Split split = DataRows.all(train).split(0.25, 1);
    assertEquals(100, split.dev().size());
    assertEquals(300, split.train().size());
    assertEquals(
        400,
        Arrays.stream(new int[][] {split.dev().rows(), split.train().rows()})
            .flatMapToInt(Arrays::stream)
            .distinct()
            .count());
    assertArrayEquals(split.dev().rows(), DataRows.all(train).split(0.25, 1).dev().rows());
    assertFalse(Arrays.equals(split.dev().rows(), DataRows.all(train).split(0.25, 2).dev().rows()));
  }

  @Test
  void theLearningRateRisesThenFallsToZero() {
    TrainingSettings settings = settings(Loss.PEARSON, 1, 1);
    assertEquals(settings.learningRate() / 10, settings.learningRate(0, 100), 1e-9);
    assertEquals(settings.learningRate(), settings.learningRate(9, 100), 1e-9);
    assertEquals(settings.learningRate() / 2, settings.learningRate(55, 100), 1e-9);
    assertEquals(settings.learningRate() / 90, settings.learningRate(99, 100), 1e-9);
  }

  private Path out() {
    return folder.resolve("model");
  }

  private static TrainingSettings settings(Loss loss, int epochs, long seed) {
    return new TrainingSettings(loss, Initial.AXES, 0, epochs, 32, 0.02, 0.1, 0.01, 1, 0, 20, seed);
  }

  private TrainingRequest request(String spec, TrainingSettings settings, boolean resume) {
    return new TrainingRequest(
        PLUGINS.create(PoolerSpec.parse(spec), DIM),
        DataRows.all(train),
        DataRows.all(dev),
        settings,
        out(),
        resume);
  }

  private static float[] weights(TrainedModel model) {
    return model.weights().get(model.weights().size() - 1).values();
  }
}
