package dev.poolmark.evaluator.folder;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.poolmark.api.Pooler;
import dev.poolmark.api.PoolerOptions;
import dev.poolmark.evaluator.plugin.BadSpecException;
import dev.poolmark.evaluator.plugin.PluginCatalog;
import dev.poolmark.evaluator.plugin.PoolerSpec;
import dev.poolmark.evaluator.torch.CompiledPooler;
import dev.poolmark.evaluator.torch.TokenTensor;
import dev.poolmark.evaluator.torch.TorchEngine;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class FolderPoolerTest {

  private static final int BATCH = 3;
  private static final int SEQ = 5;
  private static final int DIM = 4;

  private static PluginCatalog plugins;

  @BeforeAll
  static void loadPlugins() {
    TorchEngine.start(1);
    TorchEngine.prepareThread();
    plugins = PluginCatalog.of(List.of(Path.of(System.getProperty("poolmark.plugins"))));
  }

  @Test
  void eachModeIsThatOfThePlugin() {
    float[] tokens = tokens();
    for (PoolingMode mode : PoolingMode.values()) {
      assertArrayEquals(
          pool(plugin(mode.key()), tokens),
          pool(own(new Stage.Pooling(List.of(mode), DIM, 0)), tokens),
          1e-6f,
          mode.key());
    }
  }

  @Test
  void severalModesStandSideBySideAndAreNormalised() {
    List<PoolingMode> modes = List.of(PoolingMode.values());
    String names = modes.stream().map(PoolingMode::key).collect(Collectors.joining("+"));
    assertArrayEquals(
        pool(plugin("concat:normalize=true,modes=" + names), tokens()),
        pool(
            own(new Stage.Pooling(modes, DIM, 0), new Stage.Normalize(modes.size() * DIM)),
            tokens()),
        1e-6f);
  }

  @Test
  void promptsTokensAreSkipped() {
    float[] tokens = tokens();
    float[] later = new float[tokens.length]; // the same without the first two tokens
    for (int sentence = 0; sentence < BATCH; sentence++) {
      int start = sentence * SEQ * DIM;
      System.arraycopy(tokens, start + 2 * DIM, later, start, (SEQ - 2) * DIM);
    }
    for (PoolingMode mode :
        List.of(
            PoolingMode.CLS,
            PoolingMode.MAX,
            PoolingMode.MEAN,
            PoolingMode.MEAN_SQRT_LEN,
            PoolingMode.LAST_TOKEN)) {
      assertArrayEquals(
          pool(plugin(mode.key()), later),
          pool(own(new Stage.Pooling(List.of(mode), DIM, 2)), tokens),
          1e-6f,
          mode.key());
    }
  }

  @Test
  void denseMultipliesAddsAndActivates() {
    float[] weight = {1, 2, 3, 4, 5, 6, 7, 8}; // (2, 4)
    Stage pooling = new Stage.Pooling(List.of(PoolingMode.CLS), DIM, 0);
    float[] tokens = tokens();
    float[] linear =
        pool(own(pooling, dense(weight, new float[] {1, -1}, Activation.IDENTITY)), tokens);
    for (int sentence = 0; sentence < BATCH; sentence++) {
      float[] x = Arrays.copyOfRange(tokens, sentence * SEQ * DIM, sentence * SEQ * DIM + DIM);
      assertEquals(1 + dot(x, weight, 0), linear[2 * sentence], 1e-5);
      assertEquals(-1 + dot(x, weight, 4), linear[2 * sentence + 1], 1e-5);
    }
    for (Activation activation : Activation.values()) {
      float[] found = pool(own(pooling, dense(weight, new float[] {1, -1}, activation)), tokens);
      for (int i = 0; i < found.length; i++) {
        assertEquals(activate(activation, linear[i]), found[i], 1e-5, activation.name());
      }
    }
  }

  @Test
  void aPluginMayNotHaveTheFoldersName() {
    FolderPooler own =
        new FolderPooler(List.of(new Stage.Pooling(List.of(PoolingMode.MEAN), DIM, 0)));
    PluginCatalog catalog = plugins.with(own, Path.of("models/mine"));
    assertEquals("mine", catalog.create(PoolerSpec.parse("folder"), DIM).plugin());
    BadSpecException fault =
        assertThrows(BadSpecException.class, () -> catalog.with(own, Path.of("models/other")));
    assertEquals("expected no plugin with a pooler 'folder', found mine", fault.getMessage());
  }

  private static double activate(Activation activation, double x) {
    return switch (activation) {
      case IDENTITY -> x;
      case TANH -> Math.tanh(x);
      case RELU -> Math.max(0, x);
      case SIGMOID -> 1 / (1 + Math.exp(-x));
      case SILU -> x / (1 + Math.exp(-x));
      case GELU -> x * normalDistribution(x);
    };
  }

  /** The integral of the density, by Simpson's rule. */
  private static double normalDistribution(double x) {
    int steps = 2000;
    double h = x / steps;
    double sum = 0;
    for (int i = 0; i <= steps; i++) {
      double weight = i == 0 || i == steps ? 1 : i % 2 == 0 ? 2 : 4;
      sum += weight * Math.exp(-(i * h) * (i * h) / 2);
    }
    return 0.5 + sum * h / 3 / Math.sqrt(2 * Math.PI);
  }

  private static double dot(float[] x, float[] weight, int from) {
    double sum = 0;
    for (int i = 0; i < x.length; i++) {
      sum += x[i] * weight[from + i];
    }
    return sum;
  }

  private static Stage.Dense dense(float[] weight, float[] bias, Activation activation) {
    return new Stage.Dense("dense0", DIM, 2, weight, bias, activation, false, new float[0]);
  }

  private static Pooler own(Stage... stages) {
    return new FolderPooler(List.of(stages)).create(PoolerOptions.of(List.of(), Map.of(), DIM));
  }

  private static Pooler plugin(String spec) {
    return plugins.create(PoolerSpec.parse(spec), DIM).pooler();
  }

  /** Sentences of 3, 4 and 5 tokens. */
  private static float[] tokens() {
    Random random = new Random(1);
    float[] tokens = new float[BATCH * SEQ * DIM];
    for (int i = 0; i < tokens.length; i++) {
      int sentence = i / (SEQ * DIM);
      int token = i / DIM % SEQ;
      tokens[i] = token < 3 + sentence ? (float) random.nextGaussian() : 0;
    }
    return tokens;
  }

  private static float[] pool(Pooler pooler, float[] tokens) {
    ByteBuffer buffer =
        ByteBuffer.allocateDirect(tokens.length * Float.BYTES).order(ByteOrder.nativeOrder());
    buffer.asFloatBuffer().put(tokens);
    try (CompiledPooler compiled = CompiledPooler.of(pooler, DIM, 1);
        TokenTensor x = new TokenTensor(buffer, BATCH, SEQ, DIM)) {
      return compiled.forward(x).values(BATCH, compiled.outputDim().orElseThrow());
    }
  }
}
