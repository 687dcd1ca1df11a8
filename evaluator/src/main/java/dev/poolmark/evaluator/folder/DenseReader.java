package dev.poolmark.evaluator.folder;

import dev.poolmark.evaluator.files.BadDataException;
import dev.poolmark.evaluator.files.JsonFile;
import dev.poolmark.evaluator.weights.WeightFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Reads a {@code Dense} module: {@code config.json} and its weights. */
final class DenseReader {

  private static final String WEIGHT = "linear.weight";
  private static final String BIAS = "linear.bias";
  private static final String RESIDUAL = "residual.weight";

  private DenseReader() {}

  /**
   * Reads one.
   *
   * @param name for its weights in the lines
   * @param inputDim what the module before gives
   */
  static Stage.Dense read(Path folder, String name, int inputDim) throws IOException {
    JsonFile config = JsonFile.read(folder.resolve("config.json"), "the Dense module's settings");
    int in = size(config, "in_features");
    int out = size(config, "out_features");
    if (in != inputDim) {
      throw config.bad(
          "in_features",
          String.format(Locale.ROOT, "%d, what the module before gives", inputDim),
          "" + in);
    }
    FolderModule.checkWorksOnSentences(config);
    Activation activation = activation(config);
    boolean biased = config.flag("bias", true);
    boolean residual = config.flag("use_residual", false);
    List<Long> shape = List.of((long) out, (long) in);
    try (WeightFiles weights = weights(folder)) {
      return new Stage.Dense(
          name,
          in,
          out,
          floats(weights, WEIGHT, shape),
          biased ? floats(weights, BIAS, List.of((long) out)) : new float[0],
          activation,
          residual,
          residual && in != out ? floats(weights, RESIDUAL, shape) : new float[0]);
    }
  }

  private static int size(JsonFile config, String key) {
    return config.size(key).orElseThrow(() -> config.bad(key, "a size", "no such key"));
  }

  /** Where none is given, sentence-transformers takes the hyperbolic tangent. */
  private static Activation activation(JsonFile config) {
    String found = config.text("activation_function").orElse("torch.nn.modules.activation.Tanh");
    return Activation.of(found)
        .orElseThrow(
            () ->
                config.bad(
                    "activation_function", "one of " + Activation.names(), "'" + found + "'"));
  }

  private static WeightFiles weights(Path folder) throws IOException {
    for (WeightsKind kind : List.of(WeightsKind.SAFETENSORS, WeightsKind.BIN)) {
      if (Files.isRegularFile(folder.resolve(kind.file()))) {
        return FolderWeights.find(folder, Optional.of(kind)).open();
      }
    }
    throw new BadDataException(
        folder.resolve(WeightsKind.SAFETENSORS.file()),
        "the Dense module's weights, or " + WeightsKind.BIN.file() + " beside it",
        "no such file");
  }

  private static float[] floats(WeightFiles files, String name, List<Long> shape)
      throws IOException {
    files.require(name, shape);
    return files.floats(name);
  }
}
