package dev.poolmark.evaluator.folder;

import com.fasterxml.jackson.databind.JsonNode;
import dev.poolmark.evaluator.files.BadDataException;
import dev.poolmark.evaluator.files.JsonFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * What a model wants to read before a sentence, and how its embeddings are compared: {@code
 * config_sentence_transformers.json}, which not every folder has.
 *
 * @param file where they stand
 * @param texts by name
 * @param standard the name of the one that is used where none is asked for
 * @param similarity {@code cosine} where the file says nothing
 */
record Prompts(Path file, Map<String, String> texts, Optional<String> standard, String similarity) {

  static final String FILE = "config_sentence_transformers.json";

  private static final List<String> SIMILARITIES =
      List.of("cosine", "dot", "euclidean", "manhattan");

  static Prompts read(Path folder) throws IOException {
    Path path = folder.resolve(FILE);
    if (!Files.exists(path)) {
      return new Prompts(path, Map.of(), Optional.empty(), "cosine");
    }
    JsonFile file = JsonFile.read(path, "prompts");
    Map<String, String> texts = texts(file);
    Optional<String> standard = file.text("default_prompt_name");
    standard
        .filter(name -> !texts.containsKey(name))
        .ifPresent(
            name -> {
              throw file.bad("default_prompt_name", "one of " + texts.keySet(), "'" + name + "'");
            });
    String similarity = file.text("similarity_fn_name").orElse("cosine");
    if (!SIMILARITIES.contains(similarity)) {
      throw file.bad("similarity_fn_name", "one of " + SIMILARITIES, "'" + similarity + "'");
    }
    return new Prompts(path, texts, standard, similarity);
  }

  private static Map<String, String> texts(JsonFile file) {
    Map<String, String> texts = new LinkedHashMap<>();
    Optional<JsonNode> found = file.value("prompts");
    if (found.isPresent() && !found.get().isObject()) {
      throw file.bad("prompts", "an object", found.get().toString());
    }
    found.ifPresent(
        prompts ->
            prompts
                .fields()
                .forEachRemaining(
                    prompt -> {
                      if (!prompt.getValue().isTextual()) {
                        throw file.bad(
                            "prompts." + prompt.getKey(), "text", prompt.getValue().toString());
                      }
                      texts.put(prompt.getKey(), prompt.getValue().textValue());
                    }));
    return texts;
  }

  /** The text of a prompt that was asked for by name. */
  String text(String name) {
    String text = texts.get(name);
    if (text == null) {
      throw new BadDataException(
          file,
          String.format(Locale.ROOT, "a prompt '%s' among the prompts", name),
          texts.keySet().toString());
    }
    return text;
  }

  /** The text of the first of these that there is, or else of the standard one, or else none. */
  String firstOf(List<String> names) {
    return names.stream()
        .filter(texts::containsKey)
        .findFirst()
        .or(() -> standard)
        .map(texts::get)
        .orElse("");
  }
}
