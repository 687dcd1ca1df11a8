package dev.poolmark.evaluator.cli;

import dev.poolmark.evaluator.encoder.BundledEncoders;
import dev.poolmark.evaluator.encoder.EncoderSource;
import dev.poolmark.evaluator.files.UserFolders;
import dev.poolmark.evaluator.folder.EncoderChoice;
import dev.poolmark.evaluator.folder.ModelFolder;
import dev.poolmark.evaluator.folder.WeightsKind;
import dev.poolmark.evaluator.metric.Similarity;
import dev.poolmark.evaluator.plugin.PluginCatalog;
import dev.poolmark.evaluator.plugin.PoolerSpec;
import dev.poolmark.evaluator.text.TextModel;
import dev.poolmark.evaluator.transformer.Layers;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Which model encodes sentences. */
final class EncoderOptions {

  @Spec(Spec.Target.MIXEE)
  private CommandSpec command;

  @Option(
      names = "--encoder",
      paramLabel = "DIR",
      description =
          "A model folder of sentence-transformers. Its own pooling is the pooler 'folder'.")
  private @Nullable Path folder;

  @Option(
      names = "--prompt",
      paramLabel = "NAME",
      description = "One of the model's prompts, instead of its default.")
  private @Nullable String prompt;

  @Option(
      names = "--weights",
      paramLabel = "KIND",
      description =
          "Which of the model's weights: onnx, torchscript, safetensors or bin (the first of these"
              + " in the folder).")
  private @Nullable WeightsKind weights;

  @Option(
      names = "--layer",
      paramLabel = "LAYER",
      description =
          "Which layer gives the token embeddings: -1 (the last, the default), -2, 0 (the embedding"
              + " layer), first+last, mean:1,-1 or concat:-2,-1. Without --encoder,"
              + " LAYER/LAYER names one of each bundled encoder.")
  private @Nullable String layer;

  private @Nullable ModelFolder model;

  /** The folder, if one was named; read once. */
  Optional<ModelFolder> folder() throws IOException {
    if (folder == null && prompt != null) {
      throw new ParameterException(command.commandLine(), "--prompt: expected --encoder with it");
    }
    if (folder == null && weights != null) {
      throw new ParameterException(command.commandLine(), "--weights: expected --encoder with it");
    }
    if (folder != null && model == null) {
      ModelFolder read = ModelFolder.read(folder, choice());
      model = prompt == null ? read : read.withPrompt(prompt);
    }
    return Optional.ofNullable(model);
  }

  private EncoderChoice choice() {
    List<Layers> layers = layers();
    if (layers.size() > 1) {
      throw new ParameterException(
          command.commandLine(), "--layer: expected one for --encoder, found " + layer);
    }
    return new EncoderChoice(Optional.ofNullable(weights), layers.get(0));
  }

  /** Of one encoder or of two. */
  private List<Layers> layers() {
    if (layer == null) {
      return List.of(Layers.LAST);
    }
    try {
      return Arrays.stream(layer.split("/", -1)).map(Layers::parse).toList();
    } catch (IllegalArgumentException e) {
      throw new ParameterException(command.commandLine(), "--layer: " + e.getMessage());
    }
  }

  /** Of the two bundled encoders: one for both, or one for each. */
  private List<Layers> layersOfBoth() {
    List<Layers> layers = layers();
    if (layers.size() > 2) {
      throw new ParameterException(
          command.commandLine(),
          "--layer: expected one, or two for the two bundled encoders, found " + layer);
    }
    return List.of(layers.get(0), layers.get(layers.size() - 1));
  }

  /** What is run, in words. */
  String description() throws IOException {
    Optional<ModelFolder> named = folder();
    return named.isPresent()
        ? named.get().description()
        : String.format(
            Locale.ROOT,
            "the bundled encoders, onnx, layers %s and %s",
            layersOfBoth().get(0),
            layersOfBoth().get(1));
  }

  /** The plugins' poolers, and the folder's own. */
  PluginCatalog poolers(PluginCatalog plugins) throws IOException {
    return poolers(plugins, UnaryOperator.identity());
  }

  /**
   * The same.
   *
   * @param role how the model is prompted
   */
  PluginCatalog poolers(PluginCatalog plugins, UnaryOperator<ModelFolder> role) throws IOException {
    Optional<ModelFolder> named = folder();
    return named.isEmpty() ? plugins : poolers(plugins, role.apply(named.get()));
  }

  private static PluginCatalog poolers(PluginCatalog plugins, ModelFolder model)
      throws IOException {
    return plugins.with(model.pooler(), model.path());
  }

  /** The model's own similarity. */
  Similarity similarity() throws IOException {
    String key = folder().map(ModelFolder::similarity).orElse(Similarity.COSINE.key());
    return Similarity.valueOf(key.toUpperCase(Locale.ROOT));
  }

  /** The model, or without one the bundled encoders, joined. */
  EncoderSource source() throws IOException {
    Optional<ModelFolder> named = folder();
    return named.isPresent()
        ? named.get()
        : BundledEncoders.source(UserFolders.cache(), layersOfBoth());
  }

  /**
   * Opens it with a pooler.
   *
   * @param spec the pooler; null for the model's own, or without a model the mean
   */
  TextModel open(PluginCatalog plugins, @Nullable String spec) throws IOException {
    if (folder == null && layer != null) {
      throw new ParameterException(command.commandLine(), "--layer: expected --encoder with it");
    }
    String named = spec == null ? TextModel.ownPooler(folder()) : spec;
    String origin = poolers(plugins).origin(PoolerSpec.parse(named));
    Poolmark.host(command).trying(named, origin, true);
    return TextModel.open(folder(), Optional.ofNullable(spec), plugins, UserFolders.cache());
  }
}
