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
  void pearsonIsOneMinusTheCorrelation() {
    double meanCosine = 0;
    double meanLabel = 0;
    for (int i = 0; i < 4; i++) {
      meanCosine += cosine(FIRST[i], SECOND[i]) / 4;
      meanLabel += LABELS[i] / 4;
    }
    double xy = 0;
    double xx = 0;
    double yy = 0;
    for (int i = 0; i < 4; i++) {
      double x = cosine(FIRST[i], SECOND[i]) - meanCosine;
      double y = LABELS[i] - meanLabel;
      xy += x * y;
      xx += x * x;
      yy += y * y;
    }
    assertEquals(1 - xy / Math.sqrt(xx * yy), loss(Loss.PEARSON, LABELS), 1e-5);
  }

  @Test
  void cosentSumsOverAllPairsInTheWrongOrder() {
    double[] scores = new double[4];
    for (int i = 0; i < 4; i++) {
      scores[i] = 20 * cosine(FIRST[i], SECOND[i]);
    }
    assertEquals(wrongOrders(scores), loss(Loss.COSENT, LABELS), 1e-4);
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
    TorchPooler pooler =
        new TorchPooler(
            List.of("return torch.mul(torch.sum(x, [1]), self.s)"),
            List.of(Weight.of("s", Init.ones(), WIDTH)),
            WIDTH);
    List<float[][]> sides =
        layout == Layout.PAIRS ? List.of(FIRST, SECOND) : List.of(FIRST, SECOND, THIRD);
    int sentences = 4 * sides.size();
    ByteBuffer tokens =
        ByteBuffer.allocateDirect(sentences * WIDTH * Float.BYTES).order(ByteOrder.nativeOrder());
    for (float[][] side : sides) {
      for (float[] sentence : side) {
        for (float value : sentence) {
          tokens.putFloat(value);
        }
      }
    }
    try (TrainablePooler trainable =
            TrainablePooler.of(pooler, InitialWeights.of(pooler, 1), loss.lines(layout));
        TokenTensor x = new TokenTensor(tokens.flip(), sentences, 1, WIDTH)) {
      return trainable.step(GroupedTokens.of(x), numbers, List.of(gradient));
    }
  }
}
