package dev.poolmark.evaluator.cli;

import dev.poolmark.evaluator.encoder.BundledEncoders;
import dev.poolmark.evaluator.encoder.EncoderSource;
import dev.poolmark.evaluator.files.UserFolders;
import dev.poolmark.evaluator.folder.ModelFolder;
import dev.poolmark.evaluator.metric.Similarity;
import dev.poolmark.evaluator.plugin.PluginCatalog;
import dev.poolmark.evaluator.plugin.PoolerSpec;
import dev.poolmark.evaluator.text.TextModel;
import java.io.IOException;
import java.nio.file.Path;
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
          "A model folder of sentence-transformers; its own pooling is the pooler 'folder'.")
  private @Nullable Path folder;

  @Option(
      names = "--prompt",
      paramLabel = "NAME",
      description = "One of the model's prompts, instead of its default.")
  private @Nullable String prompt;

  private ModelFolder model;

  /** The folder, if one was named; read once. */
  Optional<ModelFolder> folder() throws IOException {
    if (folder == null && prompt != null) {
      throw new ParameterException(command.commandLine(), "--prompt: expected --encoder with it");
    }
    if (folder != null && model == null) {
      ModelFolder read = ModelFolder.read(folder);
      model = prompt == null ? read : read.withPrompt(prompt);
    }
    return Optional.ofNullable(model);
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
    return folder().isEmpty() ? plugins : poolers(plugins, role.apply(model));
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
    return folder().isPresent() ? model : BundledEncoders.source(UserFolders.cache());
  }

  /**
   * Opens it with a pooler.
   *
   * @param spec the pooler; null for the model's own, or without a model the mean
   */
  TextModel open(PluginCatalog plugins, String spec) throws IOException {
    String named = spec == null ? TextModel.ownPooler(folder()) : spec;
    String origin = poolers(plugins).origin(PoolerSpec.parse(named));
    Poolmark.host(command).trying(named, origin, true);
    return TextModel.open(folder(), Optional.ofNullable(spec), plugins, UserFolders.cache());
  }
}
