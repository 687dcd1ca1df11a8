package dev.poolmark.evaluator.tuning;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.poolmark.evaluator.dataset.PairFiles;
import dev.poolmark.evaluator.dataset.TokenStore;
import dev.poolmark.evaluator.dataset.TokenStores;
import dev.poolmark.evaluator.encoding.EncodeProgress;
import dev.poolmark.evaluator.encoding.Sample;
import dev.poolmark.evaluator.encoding.TestCache;
import dev.poolmark.evaluator.tuning.InspectionReport.Kind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InspectionTest {

  @TempDir private Path folder;

  @Test
  void whatCanBeCountedIsCounted() throws IOException {
    InspectionReport report =
        inspect(
            List.of("2 2 1 0 3 4", "1 2 1 0", "3 2 1 0 0 0 5 6", "2 2 1 0 3 4"),
            List.of("1 2 1 0", "1 2 1 0", "1 2 1 0", "1 2 1 0"),
            List.of("0", "2.5", "4", "5"));
    assertEquals(4, report.pairs());
    assertEquals(8, report.sentences());
    assertEquals(12, report.tokens());
    assertEquals(2, report.dim());
    assertEquals(1, report.lengths().min());
    assertEquals(1, report.lengths().median());
    assertEquals(3, report.lengths().max());
    assertEquals(1.5, report.lengths().mean());
    // Batches of 3 and of 1 tokens each: 4 * 3 + 4 * 1 places for 12 tokens.
    assertEquals(1 - 12 / 16.0, report.paddingShare().get(64), 1e-12);
    assertEquals(5, report.duplicateSentences());
    assertEquals(1, report.duplicatePairs());
    assertTrue(report.constantFirstToken());
    assertFalse(report.constantLastToken());
    assertEquals(1, report.zeroRows());
    assertArrayEquals(new int[] {1, 0, 1, 0, 2}, report.labels());
  }

  @Test
  void theVarianceOfRogueDimensionsIsTheirShare() throws IOException {
    // Six dimensions of variance 1 and one of variance 94: the five largest hold 98 of 100.
    StringBuilder row = new StringBuilder("2 7");
    row.append(" 1 1 1 1 1 1 9.6953597148");
    row.append(" -1 -1 -1 -1 -1 -1 -9.6953597148");
    InspectionReport report =
        inspect(
            List.of(row.toString(), "1 7 0 0 0 0 0 0 1"),
            List.of(row.toString(), "1 7 0 0 0 0 0 0 1"),
            List.of("1", "2"),
            7);
    double variance = 4 / 6.0; // beside the two tokens that are nearly zero
    double rogue = 94 * variance + 1 / 6.0 * 2 - (2 / 6.0) * (2 / 6.0);
    assertEquals((rogue + 4 * variance) / (rogue + 6 * variance), report.top5VarianceShare(), 1e-8);
  }

  @Test
  void tokensThatShareADirectionAreRawAndCentringLiftsThem() throws IOException {
    InspectionReport spread = inspectMeanings(0);
    InspectionReport shared = inspectMeanings(20);
    assertEquals(Kind.TUNED, spread.kind());
    assertTrue(spread.meanCosine() < 0.1, () -> "" + spread.meanCosine());
    assertEquals(Kind.RAW, shared.kind());
    assertTrue(shared.meanCosine() > 0.9, () -> "" + shared.meanCosine());
    assertTrue(shared.meanSpearman().standardised() > shared.meanSpearman().raw() + 0.05);
    assertTrue(
        shared.meanSpearman().withoutFirst().get(1) > spread.meanSpearman().raw() - 0.05,
        "the shared direction is the first component");
    assertTrue(shared.advice().startsWith("The tokens are raw"), shared::advice);
  }

  @Test
  void theBundledSampleIsTuned() throws IOException {
    try (TokenStore store = Sample.open(TestCache.folder(), EncodeProgress.NONE)) {
      InspectionReport report = Inspection.of(store);
      assertEquals(Kind.TUNED, report.kind());
      assertEquals(0, report.zeroRows());
      assertTrue(report.core().gflops() > 0 && report.core().readGbPerSecond() > 0);
    }
  }

  @Test
  void equalLabelsLeaveTheCorrelationsUndefined() throws IOException {
    InspectionReport report =
        inspect(
            List.of("1 2 1 0", "1 2 0 1", "1 2 1 1"),
            List.of("1 2 1 0.5", "1 2 0.2 1", "1 2 -1 1"),
            List.of("3", "3", "3"));
    assertNull(report.meanSpearman().raw());
    assertNull(report.meanSpearman().whitened());
    assertTrue(report.advice().startsWith("The tokens are "), report::advice);
  }

  /** Pairs whose label is how alike their one token is, in 8 dimensions; all share one more. */
  private InspectionReport inspectMeanings(double shared) throws IOException {
    Random random = new Random(7);
    StringBuilder[] sides = {new StringBuilder(), new StringBuilder()};
    StringBuilder labels = new StringBuilder();
    for (int pair = 0; pair < 400; pair++) {
      double label = random.nextInt(51) / 10.0;
      double[] first = random.doubles(8, -1, 1).toArray();
      sides[0].append("1 9");
      sides[1].append("1 9");
      for (double value : first) {
        double other = label / 5 * value + (1 - label / 5) * (2 * random.nextDouble() - 1);
        sides[0].append(String.format(Locale.ROOT, " %.6f", value));
        sides[1].append(String.format(Locale.ROOT, " %.6f", other));
      }
      for (StringBuilder side : sides) {
        side.append(' ').append(shared * (1 + 0.3 * random.nextGaussian())).append('\n');
      }
      labels.append(label).append('\n');
    }
    return inspect(sides[0].toString(), sides[1].toString(), labels.toString(), 9);
  }

  private InspectionReport inspect(List<String> first, List<String> second, List<String> labels)
      throws IOException {
    return inspect(first, second, labels, 2);
  }

  private InspectionReport inspect(
      List<String> first, List<String> second, List<String> labels, int dim) throws IOException {
    return inspect(
        String.join("\n", first) + "\n",
        String.join("\n", second) + "\n",
        String.join("\n", labels) + "\n",
        dim);
  }

  private InspectionReport inspect(String first, String second, String labels, int dim)
      throws IOException {
    Files.writeString(folder.resolve("first.txt"), first);
    Files.writeString(folder.resolve("second.txt"), second);
    Files.writeString(folder.resolve("labels.txt"), labels);
    try (TokenStore store =
        TokenStores.open(PairFiles.in(folder), dim, Optional.empty(), "tokens")) {
      return Inspection.of(store);
    }
  }
}
