package dev.poolmark.evaluator.training;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.poolmark.api.Init;
import dev.poolmark.api.TorchPooler;
import dev.poolmark.api.Weight;
import dev.poolmark.evaluator.batch.BatchPooler;
import dev.poolmark.evaluator.batch.StoreTokens;
import dev.poolmark.evaluator.dataset.TokenStore;
import dev.poolmark.evaluator.torch.CompiledPooler;
import dev.poolmark.evaluator.torch.PoolerFault;
import dev.poolmark.evaluator.torch.Tensor;
import dev.poolmark.evaluator.torch.TorchEngine;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FittedWeightsTest {

  private static final int DIM = 6;

  @TempDir private Path folder;

  @BeforeAll
  static void startTorch() {
    TorchEngine.start(1);
  }

  @Test
  void principalAxesAreOrthonormalAndTheStrongestComeFirst() throws IOException {
    float[] axes = fit(Weight.of("p", Init.principalAxes(), DIM, DIM)).values();
    double[] energies = new double[DIM];
    float[] embeddings =
        embed(
            List.of("return torch.matmul(" + NORMALISED + ", self.p)"),
            DIM,
            new Tensor("p", List.of(DIM, DIM), axes));
    for (int i = 0; i < embeddings.length; i++) {
      energies[i % DIM] += embeddings[i] * embeddings[i];
    }
    for (int a = 0; a < DIM; a++) {
      for (int b = 0; b < DIM; b++) {
        double dot = 0;
        for (int row = 0; row < DIM; row++) {
          dot += axes[row * DIM + a] * axes[row * DIM + b];
        }
        assertEquals(a == b ? 1 : 0, dot, 1e-5);
      }
      assertTrue(a == 0 || energies[a] <= energies[a - 1] + 1e-4);
    }
  }

  @Test
  void severalHeadsHoldTheSameAxes() throws IOException {
    float[] one = fit(Weight.of("p", Init.principalAxes(), DIM, 2)).values();
    float[] two = fit(Weight.of("p", Init.principalAxes(), 2 * DIM, 2)).values();
    for (int i = 0; i < one.length; i++) {
      assertEquals(one[i] / Math.sqrt(2), two[i], 1e-6);
      assertEquals(one[i] / Math.sqrt(2), two[one.length + i], 1e-6);
    }
  }

  @Test
  void whiteningGivesTheTrainingSentencesMeanZeroAndVarianceOne() throws IOException {
    Tensor center = fit(Weight.fixed("m", Init.center(), DIM));
    Tensor whitening = fit(Weight.fixed("p", Init.whitening(0.5), DIM, 3));
    float[] embeddings =
        embed(
            List.of("return torch.matmul(torch.sub(" + NORMALISED + ", self.m), self.p)"),
            3,
            center,
            whitening);
    int n = embeddings.length / 3;
    double[][] moments = new double[3][3];
    double[] means = new double[3];
    for (int i = 0; i < n; i++) {
      for (int a = 0; a < 3; a++) {
        means[a] += embeddings[3 * i + a] / n;
        for (int b = 0; b < 3; b++) {
          moments[a][b] += embeddings[3 * i + a] * embeddings[3 * i + b] / n;
        }
      }
    }
    assertArrayEquals(new double[3], means, 1e-4);
    assertArrayEquals(new double[] {1, 0, 0}, moments[0], 1e-3);
    assertArrayEquals(new double[] {0, 1, 0}, moments[1], 1e-3);
    assertArrayEquals(new double[] {0, 0, 1}, moments[2], 1e-3);
  }

  @Test
  void everyInitialProjectionIsAsLongAsOrthonormalColumns() throws IOException {
    for (Initial initial : Initial.values()) {
      for (int heads : new int[] {1, 2}) {
        double squares = 0;
        for (float value :
            fit(Weight.of("p", Init.principalAxes(), heads * DIM, 3), initial).values()) {
          squares += value * value;
        }
        assertEquals(3, squares, 1e-4, initial + ", " + heads);
      }
    }
  }

  @Test
  void initialProjectionsTurnTheTrainingSentencesToAxesThatDoNotGoTogether() throws IOException {
    Tensor center = fit(Weight.fixed("m", Init.center(), DIM));
    double[] whitened =
        moments(center, fit(Weight.of("p", Init.principalAxes(), DIM, 3), Initial.WHITENED));
    double[] axes = moments(center, fit(Weight.of("p", Init.whitening(0), DIM, 3)));
    // Over the fourth root of the variance: of two variances the ratio becomes its square root.
    assertEquals(Math.sqrt(axes[0] / axes[2]), whitened[0] / whitened[2], 1e-3);
    moments(center, fit(Weight.of("p", Init.principalAxes(), DIM, 3), Initial.STANDARDISED));
  }

  /** The variances of the centred sentences' three projections, whose covariances are nil. */
  private double[] moments(Tensor center, Tensor projection) throws IOException {
    float[] embeddings =
        embed(
            List.of("return torch.matmul(torch.sub(" + NORMALISED + ", self.m), self.p)"),
            3,
            center,
            projection);
    double[][] moments = new double[3][3];
    for (int i = 0; i < embeddings.length; i += 3) {
      for (int a = 0; a < 3; a++) {
        for (int b = 0; b < 3; b++) {
          moments[a][b] += embeddings[i + a] * embeddings[i + b] * 3 / embeddings.length;
        }
      }
    }
    for (int a = 0; a < 3; a++) {
      for (int b = 0; b < a; b++) {
        assertEquals(0, moments[a][b] / Math.sqrt(moments[a][a] * moments[b][b]), 1e-3);
      }
    }
    return new double[] {moments[0][0], moments[1][1], moments[2][2]};
  }

  @Test
  void inverseDeviationsGiveEachDimensionTheVarianceOne() throws IOException {
    float[] embeddings =
        embed(
            List.of("return torch.mul(torch.sub(" + NORMALISED + ", self.m), self.s)"),
            DIM,
            fit(Weight.fixed("m", Init.center(), DIM)),
            fit(Weight.fixed("s", Init.inverseDeviation(), DIM)));
    for (int d = 0; d < DIM; d++) {
      double squares = 0;
      for (int i = d; i < embeddings.length; i += DIM) {
        squares += embeddings[i] * embeddings[i];
      }
      assertEquals(1, squares * DIM / embeddings.length, 1e-3);
    }
  }

  @Test
  void aShapeThatHoldsNoAxesIsAFault() {
    PoolerFault fault =
        assertThrows(
            PoolerFault.class, () -> fit(Weight.of("p", Init.principalAxes(), DIM + 1, 2)));
    assertEquals(
        "weight 'p': expected a shape (rows, columns), rows a multiple of 6, and no more columns,"
            + " found [7, 2]",
        fault.getMessage());
  }

  private static final String NORMALISED =
      "torch.div(torch.sum(x, [1]), torch.norm(torch.sum(x, [1]), 2, [1], True))";

  private Tensor fit(Weight weight) throws IOException {
    return fit(weight, Initial.AXES);
  }

  private Tensor fit(Weight weight, Initial initial) throws IOException {
    TorchPooler pooler = new TorchPooler(List.of("return x"), List.of(weight), 1);
    try (TokenStore store = SyntheticPairs.store(folder, 200, DIM, 1)) {
      return FittedWeights.of(pooler, DataRows.all(store), initial, 1).get(0);
    }
  }

  private float[] embed(List<String> forward, int width, Tensor... weights) throws IOException {
    try (TokenStore store = SyntheticPairs.store(folder, 200, DIM, 1);
        CompiledPooler pooler = CompiledPooler.of(forward, List.of(weights), width)) {
      return BatchPooler.of(pooler).pool(StoreTokens.of(store, DataRows.all(store).rows()));
    }
  }
}
