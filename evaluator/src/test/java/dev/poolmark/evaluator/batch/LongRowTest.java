package dev.poolmark.evaluator.batch;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.poolmark.api.Init;
import dev.poolmark.api.Pooler;
import dev.poolmark.api.TorchPooler;
import dev.poolmark.api.Weight;
import dev.poolmark.evaluator.dataset.Layout;
import dev.poolmark.evaluator.dataset.Side;
import dev.poolmark.evaluator.encoder.TokenIds;
import dev.poolmark.evaluator.folder.ModelFolder;
import dev.poolmark.evaluator.folder.TestFolders;
import dev.poolmark.evaluator.metric.Metric;
import dev.poolmark.evaluator.metric.PairScores;
import dev.poolmark.evaluator.metric.Similarity;
import dev.poolmark.evaluator.metric.TripletScores;
import dev.poolmark.evaluator.plugin.PluginCatalog;
import dev.poolmark.evaluator.plugin.PoolerSpec;
import dev.poolmark.evaluator.plugin.SpecifiedPooler;
import dev.poolmark.evaluator.retrieval.RetrievalEvaluation;
import dev.poolmark.evaluator.retrieval.RetrievalReport;
import dev.poolmark.evaluator.retrieval.RetrievalRequest;
import dev.poolmark.evaluator.submission.Submission;
import dev.poolmark.evaluator.submission.SubmissionRequest;
import dev.poolmark.evaluator.text.SentenceEmbedder;
import dev.poolmark.evaluator.torch.CompiledPooler;
import dev.poolmark.evaluator.torch.SineEncoder;
import dev.poolmark.evaluator.torch.TensorType;
import dev.poolmark.evaluator.torch.TorchEngine;
import dev.poolmark.evaluator.training.DataRows;
import dev.poolmark.evaluator.training.DevEvaluation;
import dev.poolmark.evaluator.training.DevFigures;
import dev.poolmark.evaluator.training.Initial;
import dev.poolmark.evaluator.training.Loss;
import dev.poolmark.evaluator.training.Trainer;
import dev.poolmark.evaluator.training.TrainingEvent;
import dev.poolmark.evaluator.training.TrainingRequest;
import dev.poolmark.evaluator.training.TrainingSettings;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One long row among short ones, through all who pool, against the sums of each row's tokens. */
class LongRowTest {

  private static final int DIM = LongRows.DIM;
  private static final int ROWS = LongRows.ROWS;
  private static final float TOLERANCE = 1e-3f; // of sums of 8,192 numbers

  private static final PluginCatalog PLUGINS =
      PluginCatalog.of(List.of(Path.of(System.getProperty("poolmark.plugins"))));

  /** The sum of the tokens, with a weight that training can change. */
  private static final Pooler SUM =
      new TorchPooler(
          List.of("return torch.mul(torch.sum(x, [1]), self.s)"),
          List.of(Weight.of("s", Init.values(1), 1)),
          DIM);

  @TempDir private Path folder;

  @BeforeAll
  static void startTorch() {
    TorchEngine.start(1);
  }

  @Test
  void eachIsPooledAsAlone() throws IOException {
    try (LongRows.Data data = LongRows.of(Layout.PAIRS, folder);
        CompiledPooler pooler = CompiledPooler.of(SUM, DIM, 1)) {
      int[] rows = IntStream.range(0, ROWS).toArray();
      Tokens tokens = StoreTokens.of(data.store(), Side.FIRST, rows);
      BatchPooler batches = BatchPooler.of(pooler);
      float[] together = batches.pool(tokens);
      assertArrayEquals(data.sums()[0], together, TOLERANCE);
      for (int row = 0; row < ROWS; row++) {
        float[] alone = batches.pool(tokens.only(new int[] {row}));
        for (int d = 0; d < DIM; d++) {
          assertEquals(alone[d], together[row * DIM + d], 1e-4f, "row " + row);
        }
      }
    }
  }

  @Test
  void textsAreEmbedded() throws IOException {
    TestFolders.sines(folder, DIM, LongRows.TOKENS);
    List<String> texts = new ArrayList<>(Collections.nCopies(ROWS, "A short text."));
    texts.set(LongRows.LONG, "word ".repeat(LongRows.TOKENS));
    try (var encoder = ModelFolder.read(folder).open();
        SentenceEmbedder embedder = new SentenceEmbedder(encoder, SUM)) {
      List<float[]> embeddings = embedder.embed(texts);
      for (int text : new int[] {0, LongRows.LONG, ROWS - 1}) {
        TokenIds ids =
            encoder
                .tokenize(List.of(texts.get(text)))
                .get(0)
                .truncated(LongRows.TOKENS, TokenIds.Truncation.RIGHT);
        float[] expected = new float[DIM];
        for (int d = 0; d < DIM; d++) {
          double sum = 0;
          for (long id : ids.ids()) {
            sum += SineEncoder.state(id, d);
          }
          expected[d] = (float) sum;
        }
        // The same word 8,190 times: sums of up to 8,192, in float32.
        assertArrayEquals(expected, embeddings.get(text), 0.05f, "text " + text);
      }
    }
  }

  @Test
  void devRowsAreMeasured() throws IOException {
    try (LongRows.Data data = LongRows.of(Layout.PAIRS, folder);
        CompiledPooler pooler = CompiledPooler.of(SUM, DIM, 1)) {
      DevFigures figures = new DevEvaluation(DataRows.all(data.store()), DIM).of(pooler::forward);
      PairScores expected = new PairScores();
      for (int row = 0; row < ROWS; row++) {
        int at = row * DIM;
        expected.add(data.numbers()[row], data.sums()[0], at, data.sums()[1], at, DIM);
      }
      assertEquals(
          expected.correlation(Metric.COSINE_SPEARMAN).orElseThrow(),
          figures.cosineSpearman(),
          1e-4);
      assertEquals(
          expected.correlation(Metric.COSINE_PEARSON).orElseThrow(), figures.cosinePearson(), 1e-4);
    }
  }

  @Test
  void tripletsAreRanked() throws IOException {
    try (LongRows.Data data = LongRows.of(Layout.TRIPLETS, folder)) {
      RetrievalReport report =
          new RetrievalEvaluation(
                  PLUGINS,
                  PLUGINS,
                  new RetrievalRequest(
                      data.store(),
                      Optional.empty(),
                      List.of(Similarity.COSINE),
                      List.of(PoolerSpec.parse("sum"))))
              .run()
              .get(0);
      TripletScores expected = new TripletScores(ROWS);
      for (int row = 0; row < ROWS; row++) {
        int at = row * DIM;
        expected.add(data.sums()[0], at, data.sums()[1], at, data.sums()[2], at, DIM);
      }
      assertEquals(List.of(), report.findings());
      for (Similarity similarity : Similarity.values()) {
        double found =
            report.figures().stream()
                .filter(figure -> figure.key().equals(similarity.key() + "_accuracy"))
                .findFirst()
                .orElseThrow()
                .value();
        assertEquals(expected.accuracy(similarity), found, 1e-9, similarity.key());
      }
    }
  }

  /** The loss of the first step is that of the weights that training starts from. */
  @Test
  void aStepOfTrainingTakesThem() throws IOException {
    try (LongRows.Data data = LongRows.of(Layout.PAIRS, folder)) {
      DataRows rows = DataRows.all(data.store());
      TrainingSettings oneStep =
          new TrainingSettings(Loss.COSINE_MSE, Initial.AXES, 0, 1, ROWS, 1e-3, 0, 0, 1, 0, 1, 1);
      List<Double> losses = new ArrayList<>();
      new Trainer(
              new TrainingRequest(specified(), rows, rows, oneStep, folder.resolve("out"), false),
              event -> {
                if (event instanceof TrainingEvent.Step step) {
                  losses.add(step.loss());
                }
              })
          .run();
      double expected = 0;
      double[] similarities = new double[Similarity.values().length];
      for (int row = 0; row < ROWS; row++) {
        int at = row * DIM;
        Similarity.all(data.sums()[0], at, data.sums()[1], at, DIM, similarities);
        double off = similarities[Similarity.COSINE.ordinal()] - data.numbers()[row] / 5;
        expected += off * off / ROWS;
      }
      assertEquals(1, losses.size());
      assertEquals(expected, losses.get(0), 1e-5);
    }
  }

  @Test
  void anExportIsVerifiedOnThem() throws IOException {
    assertFalse(
        "true".equals(System.getenv("CI")) && System.getenv("POOLMARK_PYTHON") == null,
        "CI needs a Python with torch");
    try (LongRows.Data data = LongRows.of(Layout.PAIRS, folder)) {
      var verification =
          Submission.write(
                  new SubmissionRequest(
                      specified(), DIM, TensorType.FLOAT32, folder.resolve("sum.zip")),
                  data.store())
              .verification();
      if (verification.isPresent()) {
        assertEquals(16 + ROWS, verification.get().sentences());
        assertTrue(verification.get().relativeDifference() <= 1e-5, verification.toString());
      }
    }
  }

  private static SpecifiedPooler specified() {
    return new SpecifiedPooler("sum", "sum", "test", "1", SUM);
  }
}
