package dev.poolmark.evaluator.folder;

import dev.poolmark.evaluator.files.BadDataException;
import dev.poolmark.evaluator.safetensors.DType;
import dev.poolmark.evaluator.safetensors.SafetensorsFile;
import dev.poolmark.evaluator.safetensors.TensorInfo;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** Reads a {@code Dense} module: {@code config.json} and {@code model.safetensors}. */
final class DenseReader {

  private static final String WEIGHT = "linear.weight";
  private static final String BIAS = "linear.bias";
  private static final String RESIDUAL = "residual.weight";
  private static final String SENTENCE = "sentence_embedding";
  private static final Set<DType> FLOATS = Set.of(DType.F32, DType.F16, DType.BF16);

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
    checkInput(config, "module_input_name");
    checkInput(config, "module_output_name");
    Activation activation = activation(config);
    boolean biased = config.flag("bias", true);
    boolean residual = config.flag("use_residual", false);
    Path file = folder.resolve("model.safetensors");
    if (!Files.isRegularFile(file)) {
      throw missing(folder, file);
    }
    WeightsFile.checkFetched(file);
    List<Long> shape = List.of((long) out, (long) in);
    try (SafetensorsFile weights = SafetensorsFile.open(file)) {
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

  /** Some modules work on the tokens' embeddings, or leave theirs beside the sentence's. */
  private static void checkInput(JsonFile config, String key) {
    String found = config.text(key).orElse(SENTENCE);
    if (!found.equals(SENTENCE)) {
      throw config.bad(key, "'" + SENTENCE + "'", "'" + found + "'");
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

  private static float[] floats(SafetensorsFile file, String name, List<Long> shape) {
    TensorInfo tensor = file.tensors().get(name);
    if (tensor == null || !FLOATS.contains(tensor.dtype()) || !tensor.shape().equals(shape)) {
      throw new BadDataException(
          file.path(),
          String.format(Locale.ROOT, "a tensor %s of F32, F16 or BF16 %s", name, shape),
          tensor == null
              ? "tensors " + file.tensors().keySet()
              : String.format(Locale.ROOT, "%s %s", tensor.dtype(), tensor.shape()));
    }
    return file.floats(name);
  }

  private static BadDataException missing(Path folder, Path file) {
    Path pickled = folder.resolve("pytorch_model.bin");
    return new BadDataException(
        file,
        "the Dense module's weights",
        Files.isRegularFile(pickled)
            ? String.format(
                Locale.ROOT,
                "only pytorch_model.bin; convert it with: python -c \"import torch;"
                    + " from safetensors.torch import save_file;"
                    + " save_file(torch.load('%s', map_location='cpu'), '%s')\"",
                pickled,
                file)
            : "no such file");
  }
}
