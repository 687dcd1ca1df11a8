package dev.poolmark.evaluator.torch;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.poolmark.api.Init;
import dev.poolmark.api.TorchPooler;
import dev.poolmark.api.Weight;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class TrainablePoolerTest {

  /** So that its gradient by the sum of the embeddings is the label. */
  private static final List<String> LOSS = List.of("return torch.mul(torch.sum(e), torch.sum(y))");

  @BeforeAll
  static void startTorch() {
    TorchEngine.start(1);
  }

  @Test
  void gradientsAreThoseOfTheLossAndDoNotAddUpOverSteps() {
    TorchPooler pooler = pooler("return torch.mul(torch.sum(x, [1]), self.s)");
    List<float[]> gradients = List.of(new float[2], new float[3]);
    try (TrainablePooler trainable =
            TrainablePooler.of(pooler, InitialWeights.of(pooler, 1), LOSS);
        TokenTensor x = tokens(2, 2, 2, 1, 2, 3, 4, 5, 6, 0, 0)) {
      for (int step = 0; step < 2; step++) {
        assertEquals(21, trainable.step(GroupedTokens.of(x), new float[] {1}, gradients));
        assertArrayEquals(new float[] {9, 12}, gradients.get(0));
        assertArrayEquals(new float[3], gradients.get(1));
      }
    }
  }

  @Test
  void theLossSeesTheSentencesOfAllGroupsInTheOrderOfTheBatch() {
    List<String> loss =
        List.of("return torch.sum(torch.mul(torch.select(e, 1, 0), torch.mul(y, y)))");
    TorchPooler pooler = pooler("return torch.mul(torch.sum(x, [1]), self.s)");
    List<float[]> gradients = List.of(new float[2], new float[3]);
    try (TrainablePooler trainable =
            TrainablePooler.of(pooler, InitialWeights.of(pooler, 1), loss);
        GroupedTokens x =
            new GroupedTokens(
                List.of(tokens(2, 1, 2, 5, 0, 7, 0), tokens(1, 2, 2, 1, 0, 2, 0)),
                new int[] {2, 0, 1})) {
      assertEquals(7 * 1 + 3 * 4 + 5 * 9, trainable.step(x, new float[] {1, 2, 3}, gradients));
      assertArrayEquals(new float[] {7 * 1 + 3 * 4 + 5 * 9, 0}, gradients.get(0));
    }
  }

  @Test
  void weightsThatAreSetAreUsedByTheNextPass() {
    TorchPooler pooler = pooler("return torch.mul(torch.sum(x, [1]), self.s)");
    List<float[]> gradients = List.of(new float[2], new float[3]);
    try (TrainablePooler trainable =
            TrainablePooler.of(pooler, InitialWeights.of(pooler, 1), LOSS);
        TokenTensor x = tokens(2, 1, 2, 1, 2, 3, 4)) {
      trainable.step(GroupedTokens.of(x), new float[] {1}, gradients);
      trainable.setWeights(List.of(new float[] {2, 3}, new float[3]));
      assertArrayEquals(new float[] {2, 6, 6, 12}, trainable.embed(x).values(2, 2));
      assertEquals(26, trainable.step(GroupedTokens.of(x), new float[] {1}, gradients));
      assertArrayEquals(new float[] {4, 6}, gradients.get(0));
    }
  }

  @Test
  void dropoutIsSeededAndOnlyForTraining() {
    TorchPooler pooler =
        pooler("return torch.dropout(torch.mul(torch.sum(x, [1]), self.s), 0.5, self.training)");
    List<float[]> gradients = List.of(new float[2], new float[3]);
    try (TrainablePooler trainable =
            TrainablePooler.of(pooler, InitialWeights.of(pooler, 1), LOSS);
        TokenTensor x = tokens(2, 1, 2, 1, 2, 4, 8)) {
      Set<Float> losses = new HashSet<>();
      for (int seed = 0; seed < 10; seed++) {
        trainable.seed(seed);
        losses.add(trainable.step(GroupedTokens.of(x), new float[] {1}, gradients));
        assertArrayEquals(new float[] {1, 2, 4, 8}, trainable.embed(x).values(2, 2));
      }
      trainable.seed(9);
      assertTrue(losses.size() > 1);
      assertTrue(losses.contains(trainable.step(GroupedTokens.of(x), new float[] {1}, gradients)));
    }
  }

  private static TorchPooler pooler(String... lines) {
    return new TorchPooler(
        List.of(lines),
        List.of(Weight.of("s", Init.ones(), 2), Weight.of("unused", Init.ones(), 3)),
        2);
  }

  private static TokenTensor tokens(int batch, int seq, int dim, float... values) {
    ByteBuffer buffer =
        ByteBuffer.allocateDirect(values.length * Float.BYTES).order(ByteOrder.nativeOrder());
    buffer.asFloatBuffer().put(values);
    return new TokenTensor(buffer, batch, seq, dim);
  }
}
