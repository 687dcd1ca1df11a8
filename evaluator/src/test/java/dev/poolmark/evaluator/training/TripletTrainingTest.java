package dev.poolmark.evaluator.training;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.poolmark.evaluator.dataset.Layout;
import dev.poolmark.evaluator.dataset.TokenStore;
import dev.poolmark.evaluator.dataset.TokenStoreWriter;
import dev.poolmark.evaluator.encoder.BundledEncoders;
import dev.poolmark.evaluator.encoder.TokenEncoder;
import dev.poolmark.evaluator.encoding.EncodeProgress;
import dev.poolmark.evaluator.encoding.EncodeRequest;
import dev.poolmark.evaluator.encoding.FileEncoder;
import dev.poolmark.evaluator.files.BadDataException;
import dev.poolmark.evaluator.plugin.PluginCatalog;
import dev.poolmark.evaluator.plugin.PoolerSpec;
import dev.poolmark.evaluator.sentences.SentenceFile;
import dev.poolmark.evaluator.torch.TorchEngine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Poolers learn to rank triplets that they have not seen. */
class TripletTrainingTest {

  private static final int DIM = 12;
  private static final PluginCatalog PLUGINS =
      PluginCatalog.of(List.of(Path.of(System.getProperty("poolmark.plugins"))));

  @TempDir private Path folder;

  @BeforeAll
  static void startTorch() {
    TorchEngine.start(1);
  }

  private record Run(
      TrainingEvent.Started started, TrainingEvent.Finished finished, List<Double> losses) {}

  @ParameterizedTest
  @EnumSource(names = {"MNRL", "MNSRL", "MARGIN_MSE", "COSINE_MARGIN_MSE"})
  void everyLossOfTripletsGetsSmallerAndItsPoolerRanksBetter(Loss loss) throws IOException {
    try (TokenStore train = SyntheticPairs.triplets(folder, 400, DIM, 1);
        TokenStore dev = SyntheticPairs.triplets(folder, 200, DIM, 2)) {
      Run run = train("attention:output_dim=4", train, dev, loss, 8, 0.02);
      double before = run.started().dev().cosineAccuracy();
      double after = run.finished().dev().cosineAccuracy();
      assertTrue(after > before + 0.03, "%s: %s to %s".formatted(loss, before, after));
      List<Double> losses = run.losses();
      assertTrue(losses.get(losses.size() - 1) < 0.97 * losses.get(0), losses.toString());
    }
  }

  @Test
  void devMayBePairsWhereTrainingIsOnTriplets() throws IOException {
    try (TokenStore train = SyntheticPairs.triplets(folder, 400, DIM, 1);
        TokenStore dev = SyntheticPairs.store(folder, 200, DIM, 2)) {
      Run run = train("attention:output_dim=4", train, dev, Loss.MNRL, 8, 0.02);
      double gain = run.finished().dev().cosineSpearman() - run.started().dev().cosineSpearman();
      assertTrue(gain > 0.05, run.toString());
    }
  }

  @Test
  void lossesRefuseRowsThatTheyCanNotFollow() throws IOException {
    try (TokenStore triplets = SyntheticPairs.triplets(folder, 20, DIM, 1);
        TokenStore pairs = SyntheticPairs.store(folder, 20, DIM, 2);
        TokenStore unmeasured = withoutMargins()) {
      assertRefused(
          triplets,
          Loss.PEARSON,
          "triplets: expected a loss for triplets, mnrl, mnsrl, margin_mse, cosine_margin_mse,"
              + " found pearson, which wants pairs");
      assertRefused(
          pairs,
          Loss.MARGIN_MSE,
          "synthetic: expected a loss for pairs, spearman, pearson, correlations, cosent, angle, cosine_mse, mnrl,"
              + " found margin_mse, which wants triplets");
      assertRefused(
          unmeasured,
          Loss.COSINE_MARGIN_MSE,
          "bare: expected triplets with margins for the loss cosine_margin_mse, found none");
      train("attention:output_dim=4", unmeasured, unmeasured, Loss.MNRL, 1, 0.01);
    }
  }

  private TokenStore withoutMargins() throws IOException {
    try (TokenStoreWriter writer = TokenStoreWriter.in(folder, Layout.TRIPLETS, DIM)) {
      for (int side = 0; side < 3; side++) {
        if (side > 0) {
          writer.nextSide();
        }
        for (int row = 0; row < 3; row++) {
          float[] token = new float[DIM];
          token[(side + row) % DIM] = 1;
          writer.append(token, 1);
        }
      }
      Path file = writer.commit("bare.safetensors", new double[0], "bare", "bare");
      return TokenStore.read(file, "bare");
    }
  }

  private void assertRefused(TokenStore store, Loss loss, String line) {
    BadDataException fault =
        assertThrows(
            BadDataException.class,
            () -> train("attention:output_dim=4", store, store, loss, 1, 0.01));
    assertEquals(line, fault.getMessage());
  }

  /** A teacher's margins, hard negatives; the triplets are made here, and are nobody's property. */
  @Test
  void ranksTripletsOfStsbBetterAfterTraining() throws IOException {
    Path stsb = stsb();
    try (TokenEncoder encoder = BundledEncoders.open(Path.of("target", "test-cache"));
        TokenStore train = encode(stsb.resolve("sts-train.csv"), 150, encoder);
        TokenStore dev = encode(stsb.resolve("sts-dev.csv"), 80, encoder)) {
      Run run = train("attention:output_dim=128", train, dev, Loss.MNRL, 4, 5e-4);
      assertTrue(run.finished().dev().isBetterThan(run.started().dev()), run.toString());
    }
  }

  private TokenStore encode(Path pairs, int count, TokenEncoder encoder) throws IOException {
    Path file = folder.resolve(pairs.getFileName() + ".tsv");
    StsbTriplets.write(pairs, file, count, encoder, PLUGINS);
    Path out = folder.resolve(pairs.getFileName().toString());
    SentenceFile triplets = SentenceFile.triplets(file, Optional.empty());
    new FileEncoder(side -> encoder)
        .encode(new EncodeRequest(triplets, Optional.empty(), false, out), EncodeProgress.NONE);
    return TokenStore.read(out.resolve("tokens.safetensors"), "stsb");
  }

  private Run train(
      String spec, TokenStore train, TokenStore dev, Loss loss, int epochs, double learningRate)
      throws IOException {
    TrainingSettings settings =
        new TrainingSettings(
            loss, Initial.AXES, 0, epochs, 32, learningRate, 0.1, 0.01, 1, 0, 20, 1);
    TrainingRequest request =
        new TrainingRequest(
            PLUGINS.create(PoolerSpec.parse(spec), train.dim()),
            DataRows.all(train),
            DataRows.all(dev),
            settings,
            folder.resolve("model"),
            false);
    List<TrainingEvent> events = new ArrayList<>();
    new Trainer(request, events::add).run();
    List<Double> losses = new ArrayList<>();
    for (TrainingEvent event : events) {
      if (event instanceof TrainingEvent.Epoch epoch) {
        losses.add(epoch.loss());
      }
    }
    return new Run(
        (TrainingEvent.Started) events.get(0),
        (TrainingEvent.Finished) events.get(events.size() - 1),
        losses);
  }

  /** The folder of the data, which is not part of the project. */
  private static Path stsb() {
    String folder = System.getProperty("poolmark.stsb", System.getenv("POOLMARK_STSB"));
    boolean there = folder != null && Files.isDirectory(Path.of(folder));
    if (!there && "true".equals(System.getenv("CI"))) {
      fail("expected the folder of STS-B in poolmark.stsb or POOLMARK_STSB, found " + folder);
    }
    assumeTrue(there, "no folder of STS-B in poolmark.stsb or POOLMARK_STSB");
    return Path.of(folder);
  }
}
