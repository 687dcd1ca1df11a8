package dev.poolmark.evaluator.folder;

import com.fasterxml.jackson.databind.JsonNode;
import dev.poolmark.evaluator.files.JsonFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Reads a {@code Pooling} module's {@code config.json}, in the schema of flags, {@code
 * pooling_mode_mean_tokens: true}, and in the one that lists the modes, {@code pooling_mode:
 * "mean"}.
 *
 * @param modes in the order of their concatenation
 * @param includesPrompt whether a prompt's tokens are pooled, too
 */
record PoolingConfig(List<PoolingMode> modes, boolean includesPrompt) {

  /** What sentence-transformers does where nothing is said. */
  static final PoolingConfig MEAN = new PoolingConfig(List.of(PoolingMode.MEAN), true);

  /** The same, of a model that continues texts. */
  static final PoolingConfig LAST = new PoolingConfig(List.of(PoolingMode.LAST_TOKEN), true);

  private static final String LISTED = "pooling_mode";
  private static final String FLAG = "pooling_mode_";
  private static final List<String> WIDTHS =
      List.of("word_embedding_dimension", "embedding_dimension");

  /**
   * Reads one.
   *
   * @param dim width of the token embeddings
   */
  static PoolingConfig read(Path folder, int dim) throws IOException {
    JsonFile file = JsonFile.read(folder.resolve("config.json"), "the Pooling module's settings");
    checkWidth(file, dim);
    return new PoolingConfig(modes(file), file.flag("include_prompt", true));
  }

  private static void checkWidth(JsonFile file, int dim) {
    for (String key : WIDTHS) {
      OptionalInt width = file.size(key);
      if (width.isPresent() && width.getAsInt() != dim) {
        throw file.bad(
            key,
            String.format(Locale.ROOT, "%d, the width of the model", dim),
            "" + width.getAsInt());
      }
    }
  }

  private static List<PoolingMode> modes(JsonFile file) {
    List<PoolingMode> flagged = flagged(file);
    Optional<JsonNode> listed = file.value(LISTED);
    if (listed.isEmpty()) {
      return flagged.isEmpty() ? MEAN.modes() : flagged;
    }
    List<PoolingMode> modes = listed(file, listed.get());
    if (!flagged.isEmpty() && !(flagged.containsAll(modes) && modes.containsAll(flagged))) {
      throw file.bad(
          LISTED,
          "what the flags say, " + flagged.stream().map(PoolingMode::flag).toList(),
          listed.get().toString());
    }
    return modes;
  }

  /** By the flags, in their own order. */
  private static List<PoolingMode> flagged(JsonFile file) {
    List<PoolingMode> modes =
        Arrays.stream(PoolingMode.values()).filter(mode -> file.flag(mode.flag(), false)).toList();
    for (Iterator<String> keys = file.keys(); keys.hasNext(); ) {
      String key = keys.next();
      boolean known = Arrays.stream(PoolingMode.values()).anyMatch(mode -> mode.flag().equals(key));
      if (key.startsWith(FLAG) && !known && file.flag(key, false)) {
        throw file.bad(key, "no flag, or false: no such mode is known", "true");
      }
    }
    return modes;
  }

  private static List<PoolingMode> listed(JsonFile file, JsonNode node) {
    List<PoolingMode> modes = new ArrayList<>();
    for (JsonNode name : node.isArray() ? node : List.of(node)) {
      PoolingMode mode = PoolingMode.of(name.asText()).orElse(null);
      if (mode == null || modes.contains(mode)) {
        throw file.bad(
            LISTED,
            String.format(Locale.ROOT, "of %s, each once", PoolingMode.keys()),
            node.toString());
      }
      modes.add(mode);
    }
    if (modes.isEmpty()) {
      throw file.bad(LISTED, "at least one of " + PoolingMode.keys(), node.toString());
    }
    return modes;
  }
}
