package dev.poolmark.evaluator.training;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.poolmark.api.TorchPooler;
import dev.poolmark.api.Weight;
import dev.poolmark.evaluator.plugin.BadSpecException;
import dev.poolmark.evaluator.plugin.PluginCatalog;
import dev.poolmark.evaluator.plugin.PoolerSpec;
import dev.poolmark.evaluator.torch.CompiledPooler;
import dev.poolmark.evaluator.torch.Tensor;
import dev.poolmark.evaluator.torch.TokenTensor;
import dev.poolmark.evaluator.torch.TorchEngine;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class LearnedPoolersTest {

  private static final int DIM = 16;
  private static final PluginCatalog PLUGINS =
      PluginCatalog.of(List.of(Path.of(System.getProperty("poolmark.plugins"))));

  @BeforeAll
  static void startTorch() {
    TorchEngine.start(1);
    TorchEngine.prepareThread();
  }

  static Stream<String> specs() {
    return Stream.of(
        "low_rank:rank=3",
        "attention:output_dim=5",
        "attention:output_dim=5,heads=3",
        "gated:output_dim=5",
        "gated:output_dim=5,per=dimension",
        "projection:output_dim=5",
        "mlp:output_dim=5,hidden=7",
        "transformer:output_dim=5,heads=2,inner=6,hidden=7",
        "whitening:output_dim=5",
        "standardize",
        "abtt:k=3");
  }

  @ParameterizedTest
  @MethodSource("specs")
  void paddingChangesNothing(String spec) {
    float[] sentence = new float[3 * DIM];
    float[] longer = new float[9 * DIM];
    fill(sentence);
    System.arraycopy(sentence, 0, longer, 0, sentence.length);
    float[] alone = pool(spec, sentence, 3);
    float[] padded = pool(spec, longer, 9);
    double largest = 0;
    for (float value : alone) {
      largest = Math.max(largest, Math.abs(value));
    }
    for (int i = 0; i < alone.length; i++) {
      assertEquals(alone[i], padded[i], 1e-5 * largest);
    }
  }

  @ParameterizedTest
  @MethodSource("specs")
  void extremeTokensStayFinite(String spec) {
    float[] sentence = new float[2 * DIM];
    fill(sentence);
    for (int i = 0; i < sentence.length; i++) {
      sentence[i] *= 1e6f;
    }
    pool(spec, sentence, 2); // which throws on NaN and infinity
  }

  @Test
  void optionsThatDoNotFitTogetherAreNamed() {
    assertRefused("attention:output_dim=17", "option 'output_dim'");
    assertRefused("projection:dropout=1,output_dim=4", "option 'dropout'");
    assertRefused("transformer:heads=3,inner=8,output_dim=4", "option 'inner'");
    assertRefused("low_rank:rank=17", "option 'rank'");
    assertRefused("whitening:power=2,output_dim=4", "power");
    assertRefused("whitening:output_dim=17", "option 'output_dim'");
    assertRefused("abtt:k=16", "option 'k'");
  }

  private static void assertRefused(String spec, String expected) {
    BadSpecException refusal =
        assertThrows(BadSpecException.class, () -> PLUGINS.create(PoolerSpec.parse(spec), DIM));
    assertTrue(refusal.getMessage().contains(expected), refusal.getMessage());
  }

  /** With random weights throughout, as training may leave them. */
  private static float[] pool(String spec, float[] tokens, int seq) {
    TorchPooler pooler = (TorchPooler) PLUGINS.create(PoolerSpec.parse(spec), DIM).pooler();
    List<Tensor> weights = pooler.weights().stream().map(LearnedPoolersTest::random).toList();
    ByteBuffer buffer =
        ByteBuffer.allocateDirect(tokens.length * Float.BYTES).order(ByteOrder.nativeOrder());
    buffer.asFloatBuffer().put(tokens);
    try (CompiledPooler compiled =
            CompiledPooler.of(pooler.forward(), weights, pooler.outputDim());
        TokenTensor x = new TokenTensor(buffer, 1, seq, DIM)) {
      return compiled.forward(x).values(1, pooler.outputDim());
    }
  }

  private static Tensor random(Weight weight) {
    Random random = new Random(weight.name().hashCode());
    float[] values = new float[weight.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) (0.4 * random.nextGaussian());
    }
    return new Tensor(weight.name(), weight.shape(), values);
  }

  private static void fill(float[] values) {
    Random random = new Random(5);
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
  }
}
