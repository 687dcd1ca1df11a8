package dev.poolmark.evaluator.plugin;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/**
 * What names a pooler anywhere: {@code mean}, {@code concat:modes=mean+max,normalize=true}, a
 * trained model's folder {@code models/attn}, a TorchScript file {@code x.pt}, or a submission
 * {@code x.zip}.
 */
public sealed interface PoolerSpec {

  /** The spec as it was written. */
  String text();

  /** A pooler of a plugin, with the options given. */
  record Named(String text, String name, Map<String, String> options) implements PoolerSpec {
    public Named {
      options = Map.copyOf(options);
    }
  }

  /** The folder of a trained model. */
  record ModelFolder(String text, Path folder) implements PoolerSpec {}

  /** A TorchScript file. */
  record ScriptFile(String text, Path file) implements PoolerSpec {}

  /** A submission: it runs in a real Python, nowhere else. */
  record SubmissionFile(String text, Path file) implements PoolerSpec {}

  /**
   * Reads a spec.
   *
   * @throws BadSpecException when it is none
   */
  static PoolerSpec parse(String text) {
    return text.endsWith(".zip") || text.endsWith(".pt") || TrainedModel.isIn(Path.of(text))
        ? file(text, Path.of(text))
        : named(text);
  }

  private static PoolerSpec submission(String text, Path file) {
    if (!Files.isRegularFile(file)) {
      throw new BadSpecException(
          String.format(
              Locale.ROOT, "pooler '%s': expected a submission, found no such file", text));
    }
    return new SubmissionFile(text, file);
  }

  /**
   * A trained model's folder, a TorchScript file or a submission, wherever it stands.
   *
   * @param text what it is called
   * @throws BadSpecException when it is none of them
   */
  static PoolerSpec file(String text, Path place) {
    if (place.toString().endsWith(".zip")) {
      return submission(text, place);
    }
    if (TrainedModel.isIn(place)) {
      return new ModelFolder(text, place);
    }
    if (!place.toString().endsWith(".pt")) {
      throw new BadSpecException(
          String.format(
              Locale.ROOT,
              "pooler '%s': expected a trained model's folder, a TorchScript file .pt or a submission .zip, found none of them",
              text));
    }
    if (!Files.isRegularFile(place)) {
      throw new BadSpecException(
          String.format(
              Locale.ROOT, "pooler '%s': expected a TorchScript file, found no such file", text));
    }
    return new ScriptFile(text, place);
  }

  /** Reads a spec that names a plugin's pooler. */
  static Named named(String text) {
    int colon = text.indexOf(':');
    String name = colon < 0 ? text : text.substring(0, colon);
    if (!name.matches("[a-z][a-z0-9_-]*")) {
      throw new BadSpecException(
          String.format(
              Locale.ROOT,
              "pooler '%s': expected name:option=value,..., a trained model's folder or a TorchScript file .pt, found '%s'",
              text,
              name));
    }
    return new Named(text, name, colon < 0 ? Map.of() : options(text, text.substring(colon + 1)));
  }

  private static Map<String, String> options(String text, String list) {
    Map<String, String> options = new LinkedHashMap<>();
    for (String option : list.split(",", -1)) {
      int equals = option.indexOf('=');
      if (equals < 1) {
        throw new BadSpecException(
            String.format(
                Locale.ROOT, "pooler '%s': expected option=value, found '%s'", text, option));
      }
      String name = option.substring(0, equals).strip();
      if (options.put(name, option.substring(equals + 1).strip()) != null) {
        throw new BadSpecException(
            String.format(Locale.ROOT, "pooler '%s': option '%s' is given twice", text, name));
      }
    }
    return options;
  }
}
