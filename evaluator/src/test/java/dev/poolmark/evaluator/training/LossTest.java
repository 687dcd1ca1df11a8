package dev.poolmark.evaluator.training;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.poolmark.api.Init;
import dev.poolmark.api.TorchPooler;
import dev.poolmark.api.Weight;
import dev.poolmark.evaluator.dataset.Layout;
import dev.poolmark.evaluator.torch.GroupedTokens;
import dev.poolmark.evaluator.torch.InitialWeights;
import dev.poolmark.evaluator.torch.TokenTensor;
import dev.poolmark.evaluator.torch.TorchEngine;
import dev.poolmark.evaluator.torch.TrainablePooler;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Against the formulas, written out plainly over the same pairs. */
class LossTest {

  private static final int WIDTH = 4;
  private static final float[] LABELS = {0, 4.5f, 2.5f, 4};
  private static final float[][] FIRST = {
    {1, 2, -1, 0.5f}, {0.5f, -1, 1, 2}, {2, 1, 0.5f, -1}, {-1, 0.5f, 2, 1}
  };
  private static final float[][] SECOND = {
    {2, -1, 1, 1}, {1, -1, 0.5f, 2}, {0.5f, 2, 1, -2}, {-2, 0.5f, 1, 1}
  };

  private static final float[][] THIRD = {
    {-1, 1, 0.5f, 1}, {2, 2, -1, 0.5f}, {1, 0.5f, -0.5f, 1.5f}, {0.5f, -2, 1, -1}
  };
  private static final float[] MARGINS = {0.5f, -0.25f, 1.5f, 2};

  @BeforeAll
  static void startTorch() {
    TorchEngine.start(1);
  }

  @Test
  void spearmanIsOneMinusTheCorrelationOfSoftRanksAndRanks() {
    double[] softRanks = new double[4];
    for (int i = 0; i < 4; i++) {
      for (int j = 0; j < 4; j++) {
        double ahead = cosine(FIRST[i], SECOND[i]) - cosine(FIRST[j], SECOND[j]);
        softRanks[i] += 1 / (1 + Math.exp(-ahead / 0.1));
      }
    }
    double expected = 1 - correlation(softRanks, new double[] {1, 3.5, 2, 3.5});
    assertEquals(expected, loss(Loss.SPEARMAN, new float[] {0, 4, 2.5f, 4}), 1e-5);
  }

  @Test
  void unrelatedPairsHaveTheSecondSentenceOfThePairBefore() {
    float[][] first = {FIRST[0], FIRST[1], FIRST[2], FIRST[3], FIRST[0], FIRST[1]};
    float[][] second = {SECOND[0], SECOND[1], SECOND[2], SECOND[3], SECOND[3], SECOND[0]};
    float[] labels = {0, 4.5f, 2.5f, 4, 0, 0};
    for (Loss loss :
        List.of(Loss.PEARSON, Loss.SPEARMAN, Loss.CORRELATIONS, Loss.COSENT, Loss.ANGLE)) {
      double written = step(loss.lines(Layout.PAIRS, 0), List.of(first, second), labels);
      double added = step(loss.lines(Layout.PAIRS, 0.5), List.of(FIRST, SECOND), LABELS);
      assertEquals(written, added, 1e-4, loss.key());
    }
  }

  private static double step(List<String> loss, List<float[][]> sides, float[] labels) {
    return step(loss, sides, labels, new float[WIDTH]);
  }

  @Test
  void pearsonIsOneMinusTheCorrelation() {
    double[] cosines = new double[4];
    double[] labels = new double[4];
    for (int i = 0; i < 4; i++) {
      cosines[i] = cosine(FIRST[i], SECOND[i]);
      labels[i] = LABELS[i];
    }
    assertEquals(1 - correlation(cosines, labels), loss(Loss.PEARSON, LABELS), 1e-5);
  }

  @Test
  void correlationsIsTheSumOfPearsonAndSpearman() {
    float[] labels = {0, 4, 2.5f, 4};
    assertEquals(
        loss(Loss.PEARSON, labels) + loss(Loss.SPEARMAN, labels),
        loss(Loss.CORRELATIONS, labels),
        1e-5);
  }

  private static double correlation(double[] x, double[] y) {
    double meanX = Arrays.stream(x).average().orElseThrow();
    double meanY = Arrays.stream(y).average().orElseThrow();
    double xy = 0;
    double xx = 0;
    double yy = 0;
    for (int i = 0; i < x.length; i++) {
      xy += (x[i] - meanX) * (y[i] - meanY);
      xx += (x[i] - meanX) * (x[i] - meanX);
      yy += (y[i] - meanY) * (y[i] - meanY);
    }
    return xy / Math.sqrt(xx * yy);
  }

  @Test
  void cosentSumsOverAllPairsInTheWrongOrder() {
    double[] scores = new double[4];
    for (int i = 0; i < 4; i++) {
      scores[i] = 20 * cosine(FIRST[i], SECOND[i]);
    }
    assertEquals(wrongOrders(scores), loss(Loss.COSENT, LABELS), 1e-4);
  }

  /** As torch.nn.functional.pad does it in sentence-transformers. */
  @Test
  void angleFillsAnOddWidthUpWithAZero() {
    float[][] first = withoutLast(FIRST);
    float[][] second = withoutLast(SECOND);
    List<String> angle = Loss.ANGLE.lines(Layout.PAIRS, 0);
    double odd = step(angle, List.of(first, second), LABELS, new float[WIDTH - 1]);
    List<float[][]> withZeros = List.of(withZero(first), withZero(second));
    double filled = step(angle, withZeros, LABELS, new float[WIDTH]);
    assertEquals(filled, odd, 1e-4);
  }

  private static float[][] withoutLast(float[][] rows) {
    return Arrays.stream(rows).map(row -> Arrays.copyOf(row, WIDTH - 1)).toArray(float[][]::new);
  }

  private static float[][] withZero(float[][] rows) {
    return Arrays.stream(rows).map(row -> Arrays.copyOf(row, WIDTH)).toArray(float[][]::new);
  }

  @Test
  void angleComparesTheHalvesAsRealAndImaginaryParts() {
    double[] scores = new double[4];
    for (int i = 0; i < 4; i++) {
      double sum = 0;
      double aa = 0;
      double bb = 0;
      for (int d = 0; d < 2; d++) {
        double re = FIRST[i][d];
        double im = FIRST[i][d + 2];
        double otherRe = SECOND[i][d];
        double otherIm = SECOND[i][d + 2];
        sum += re * otherRe + im * otherIm + im * otherRe - re * otherIm; // of z times conj(w)
        aa += re * re + im * im;
        bb += otherRe * otherRe + otherIm * otherIm;
      }
      scores[i] = 20 * Math.abs(sum / Math.sqrt(aa * bb));
    }
    assertEquals(wrongOrders(scores), loss(Loss.ANGLE, LABELS), 1e-4);
  }

  @Test
  void cosineMseIsTheMeanSquareAgainstAFifthOfTheLabel() {
    double sum = 0;
    for (int i = 0; i < 4; i++) {
      double difference = cosine(FIRST[i], SECOND[i]) - LABELS[i] / 5;
      sum += difference * difference;
    }
    assertEquals(sum / 4, loss(Loss.COSINE_MSE, LABELS), 1e-6);
  }

  @Test
  void mnrlRanksTheSecondSentencesForPairsLabelledFourAndAbove() {
    double sum = 0;
    for (int i : new int[] {1, 3}) {
      double all = 0;
      for (int j = 0; j < 4; j++) {
        all += Math.exp(20 * cosine(FIRST[i], SECOND[j]));
      }
      sum -= 20 * cosine(FIRST[i], SECOND[i]) - Math.log(all);
    }
    assertEquals(sum / 2, loss(Loss.MNRL, LABELS), 1e-5);
  }

  /**
   * The expected values and gradients are those of sentence-transformers 6.2.0 (torch 2.15): {@code
   * compute_loss_from_embeddings} on these rows times a weight of ones, by autograd.
   */
  @Test
  void lossesOfTripletsAreThoseOfSentenceTransformers() {
    assertStep(Loss.MNRL, 5.27224922, -2.775663, 2.851177, 1.08726, -1.162774);
    assertStep(Loss.MNSRL, 3.09218836, -3.525476, 4.659547, 0.707388, -1.841458);
    assertStep(Loss.MARGIN_MSE, 20.296875, -3.5, 39.3125, 14.3125, 40.625);
    assertStep(Loss.COSINE_MARGIN_MSE, 1.11746204, -0.3599149, 0.6808614, 0.4636042, -0.7845506);
  }

  private static void assertStep(Loss loss, double expected, double... gradient) {
    float[] found = new float[WIDTH];
    assertEquals(expected, step(loss, Layout.TRIPLETS, MARGINS, found), 1e-5, loss.key());
    for (int i = 0; i < WIDTH; i++) {
      assertEquals(gradient[i], found[i], 1e-5, loss + ", gradient " + i);
    }
  }

  @ParameterizedTest
  @EnumSource
  void isFiniteWhereAllNumbersOfABatchAreEqual(Loss loss) {
    for (Layout layout : List.of(Layout.PAIRS, Layout.TRIPLETS)) {
      if (loss.takes(layout)) {
        float[] numbers = {3, 3, 3, 3};
        assertTrue(Double.isFinite(step(loss, layout, numbers, new float[WIDTH])));
      }
    }
  }

  private static double wrongOrders(double[] scores) {
    double sum = 1;
    for (int i = 0; i < 4; i++) {
      for (int j = 0; j < 4; j++) {
        if (LABELS[i] < LABELS[j]) {
          sum += Math.exp(scores[i] - scores[j]);
        }
      }
    }
    return Math.log(sum);
  }

  private static double cosine(float[] a, float[] b) {
    double ab = 0;
    double aa = 0;
    double bb = 0;
    for (int d = 0; d < WIDTH; d++) {
      ab += a[d] * b[d];
      aa += a[d] * a[d];
      bb += b[d] * b[d];
    }
    return ab / Math.sqrt(aa * bb);
  }

  private static double loss(Loss loss, float[] labels) {
    return step(loss, Layout.PAIRS, labels, new float[WIDTH]);
  }

  private static double step(Loss loss, Layout layout, float[] numbers, float[] gradient) {
    List<float[][]> sides =
        layout == Layout.PAIRS ? List.of(FIRST, SECOND) : List.of(FIRST, SECOND, THIRD);
    return step(loss.lines(layout, 0), sides, numbers, gradient);
  }

  private static double step(
      List<String> loss, List<float[][]> sides, float[] numbers, float[] gradient) {
    int width = gradient.length;
    TorchPooler pooler =
        new TorchPooler(
            List.of("return torch.mul(torch.sum(x, [1]), self.s)"),
            List.of(Weight.of("s", Init.ones(), width)),
            width);
    int sentences = sides.get(0).length * sides.size();
    ByteBuffer tokens =
        ByteBuffer.allocateDirect(sentences * width * Float.BYTES).order(ByteOrder.nativeOrder());
    for (float[][] side : sides) {
      for (float[] sentence : side) {
        for (float value : sentence) {
          tokens.putFloat(value);
        }
      }
    }
    try (TrainablePooler trainable =
            TrainablePooler.of(pooler, InitialWeights.of(pooler, 1), loss);
        TokenTensor x = new TokenTensor(tokens.flip(), sentences, 1, width)) {
      return trainable.step(GroupedTokens.of(x), numbers, List.of(gradient));
    }
  }
}
