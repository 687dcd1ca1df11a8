package dev.poolmark.evaluator.folder;

import com.fasterxml.jackson.databind.JsonNode;
import dev.poolmark.evaluator.files.BadDataException;
import dev.poolmark.evaluator.files.JsonFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * An entry of {@code modules.json}.
 *
 * @param folder where its files are
 */
record FolderModule(Kind kind, Path folder) {

  private static final String EXPORTED = "poolmark_pooler.";
  private static final String SENTENCE = "sentence_embedding";

  /** The modules that are understood, by the last part of their class's name. */
  enum Kind {
    TRANSFORMER("Transformer"),
    POOLING("Pooling"),
    DENSE("Dense"),
    NORMALIZE("Normalize"),
    DROPOUT("Dropout");

    private final String className;

    Kind(String className) {
      this.className = className;
    }

    /** Older versions have the classes in {@code sentence_transformers.models}, newer elsewhere. */
    private static Optional<Kind> of(String type) {
      String name = type.substring(type.lastIndexOf('.') + 1);
      return Arrays.stream(values())
          .filter(kind -> type.startsWith("sentence_transformers.") && kind.className.equals(name))
          .findFirst();
    }
  }

  /**
   * Reads them: a transformer, then a pooling, then others. A folder without {@code modules.json}
   * is a transformer alone.
   */
  static List<FolderModule> read(Path folder) throws IOException {
    Path file = folder.resolve("modules.json");
    if (Files.notExists(file) && Files.exists(folder.resolve("config.json"))) {
      return List.of(new FolderModule(Kind.TRANSFORMER, folder));
    }
    JsonNode entries = JsonFile.readAny(file, "the model's modules");
    if (!entries.isArray()) {
      throw new BadDataException(file, "a list of modules", JsonFile.kind(entries));
    }
    List<FolderModule> modules = new ArrayList<>();
    for (JsonNode entry : entries) {
      modules.add(module(file, entry, modules.size()));
    }
    checkOrder(file, modules);
    modules.removeIf(module -> module.kind() == Kind.DROPOUT); // acts in training alone
    return modules;
  }

  private static FolderModule module(Path file, JsonNode entry, int index) {
    String type = text(file, entry, index, "type");
    Kind kind =
        Kind.of(type)
            .orElseThrow(
                () ->
                    bad(
                        file,
                        index,
                        "type",
                        "sentence_transformers' Transformer, Pooling, Dense, Normalize or Dropout",
                        found(type)));
    return new FolderModule(kind, file.resolveSibling(text(file, entry, index, "path")));
  }

  /** Our own export is for Python: the pooler in it is code that nothing here runs. */
  private static String found(String type) {
    return type.startsWith(EXPORTED)
        ? "what 'export --as sentence-transformers' wrote; take the encoder's own folder, with the"
            + " trained model as --pooler"
        : "'" + type + "'";
  }

  /** Some modules work on the tokens' embeddings, or leave theirs beside the sentence's. */
  static void checkWorksOnSentences(JsonFile config) {
    for (String key : List.of("module_input_name", "module_output_name")) {
      String found = config.text(key).orElse(SENTENCE);
      if (!found.equals(SENTENCE)) {
        throw config.bad(key, "'" + SENTENCE + "'", "'" + found + "'");
      }
    }
  }

  private static String text(Path file, JsonNode entry, int index, String key) {
    JsonNode value = entry.path(key);
    if (!value.isTextual()) {
      throw bad(file, index, key, "text", value.isMissingNode() ? "no such key" : value.toString());
    }
    return value.textValue();
  }

  private static void checkOrder(Path file, List<FolderModule> modules) {
    for (int i = 0; i < Math.max(2, modules.size()); i++) {
      String expected =
          i == 0 ? "a Transformer" : i == 1 ? "a Pooling" : "a Dense, a Normalize or a Dropout";
      String found = i < modules.size() ? modules.get(i).kind().className : "no such module";
      if (!expected.contains(found)) {
        throw bad(file, i, "type", expected, found);
      }
    }
  }

  private static BadDataException bad(
      Path file, int index, String key, String expected, String found) {
    return new BadDataException(
        file,
        String.format(Locale.ROOT, "key '%s' of module %d to be %s", key, index, expected),
        found);
  }
}
