package dev.poolmark.evaluator.weights;

import com.fasterxml.jackson.databind.JsonNode;
import dev.poolmark.evaluator.files.BadDataException;
import dev.poolmark.evaluator.files.JsonFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/** Reads the index of weights in several files. */
final class Shards {

  private static final String KEY = "weight_map";

  private Shards() {}

  /**
   * Reads one.
   *
   * @return names of tensors, and of the file beside the index that each is in
   */
  static Map<String, String> read(Path index) throws IOException {
    JsonFile file = JsonFile.read(index, "the index of the weights");
    JsonNode map =
        file.value(KEY)
            .filter(node -> node.isObject() && !node.isEmpty())
            .orElseThrow(() -> file.bad(KEY, "the file of each tensor", "none"));
    Map<String, String> files = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> entry : map.properties()) {
      files.put(entry.getKey(), shard(file, entry));
    }
    return files;
  }

  private static String shard(JsonFile index, Map.Entry<String, JsonNode> entry) {
    String key = KEY + "." + entry.getKey();
    String name = entry.getValue().asText();
    if (!entry.getValue().isTextual() || name.isEmpty() || name.matches(".*[/\\\\].*|\\.\\.?")) {
      throw index.bad(key, "the name of a file beside it", entry.getValue().toString());
    }
    Path shard = index.file().resolveSibling(name);
    if (!Files.isRegularFile(shard)) {
      throw new BadDataException(
          index.file(),
          String.format(Locale.ROOT, "key '%s' to name a file that is there", key),
          "no file " + name);
    }
    return name;
  }

  /** A shard that lacks what the index says it has. */
  static BadDataException unnamed(Path shard, String name, Path index) {
    return new BadDataException(
        shard,
        String.format(Locale.ROOT, "a tensor %s, as %s says", name, index.getFileName()),
        "no such name");
  }
}
