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
    TorchPooler pooler = new TorchPooler(List.of("return x"), List.of(weight), 1);
    try (TokenStore store = SyntheticPairs.store(folder, 200, DIM, 1)) {
      return FittedWeights.of(pooler, DataRows.all(store), 1).get(0);
    }
  }

  private float[] embed(List<String> forward, int width, Tensor... weights) throws IOException {
    try (TokenStore store = SyntheticPairs.store(folder, 200, DIM, 1);
        CompiledPooler pooler = CompiledPooler.of(forward, List.of(weights), width)) {
      return BatchPooler.of(pooler).pool(StoreTokens.of(store, DataRows.all(store).rows()));
    }
  }
}
