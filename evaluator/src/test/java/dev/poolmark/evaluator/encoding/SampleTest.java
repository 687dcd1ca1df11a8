package dev.poolmark.evaluator.encoding;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.poolmark.evaluator.dataset.Side;
import dev.poolmark.evaluator.dataset.TokenStore;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class SampleTest {

  @Test
  void sampleIsEncodedOnceAndFollowsItsLabels() throws Exception {
    List<Double> closeness = new ArrayList<>();
    List<Double> labels = new ArrayList<>();
    try (TokenStore sample = Sample.open(TestCache.folder(), EncodeProgress.NONE)) {
      assertEquals(768, sample.dim());
      assertTrue(sample.rows() >= 300, "pairs: " + sample.rows());
      for (int pair = 0; pair < sample.rows(); pair++) {
        float[] first = Pooling.mean(Pooling.sentence(sample, Side.FIRST, pair));
        float[] second = Pooling.mean(Pooling.sentence(sample, Side.SECOND, pair));
        closeness.add(Pooling.cosine(first, second));
        labels.add(sample.labels()[pair]);
      }
    }

    double spearman = Pooling.spearman(closeness, labels);
    assertTrue(spearman > .75 && spearman < .95, "Spearman of mean: " + spearman);
    assertEveryLabelIsTaken(labels);

    AtomicInteger calls = new AtomicInteger();
    Sample.open(TestCache.folder(), (done, total) -> calls.incrementAndGet()).close();
    assertEquals(0, calls.get(), "the second time it comes from the cache");
  }

  private static void assertEveryLabelIsTaken(List<Double> labels) {
    int[] counts = new int[5];
    labels.forEach(label -> counts[(int) Math.min(4, label)]++);
    int fewest = labels.size() / 12;
    assertTrue(
        Arrays.stream(counts).allMatch(count -> count >= fewest),
        "labels in 0-1, 1-2, 2-3, 3-4 and 4-5: " + Arrays.toString(counts));
  }
}
