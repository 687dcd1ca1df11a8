package dev.poolmark.evaluator.files;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * A JSON object in a file. What is wrong with it is told by file and key.
 *
 * @param file where it was read from
 */
public record JsonFile(Path file, JsonNode root) {

  private static final ObjectMapper JSON = new ObjectMapper();

  /**
   * Reads a file that must be there.
   *
   * @param purpose what it is for, for whom it is missing
   */
  public static JsonFile read(Path file, String purpose) throws IOException {
    JsonNode root = readAny(file, purpose);
    if (!root.isObject()) {
      throw new BadDataException(file, "a JSON object", kind(root));
    }
    return new JsonFile(file, root);
  }

  /** Stands for a file that need not be there: it has no keys. */
  public static JsonFile empty(Path file) {
    return new JsonFile(file, JSON.createObjectNode());
  }

  /** Whether an object has a key with a value; a large file is not held in memory for that. */
  public static boolean hasKey(Path file, String purpose, String key) throws IOException {
    checkExists(file, purpose);
    boolean found = false;
    try (JsonParser json = JSON.getFactory().createParser(file.toFile())) {
      JsonToken first = json.nextToken();
      if (first == null) {
        throw new BadDataException(file, "JSON", "an empty file");
      } else if (first != JsonToken.START_OBJECT) {
        throw new BadDataException(file, "a JSON object", kind(json.readValueAsTree()));
      }
      for (String name = json.nextFieldName(); name != null; name = json.nextFieldName()) {
        JsonToken value = json.nextToken();
        found |= name.equals(key) && value != JsonToken.VALUE_NULL;
        json.skipChildren();
      }
      return found;
    } catch (JsonProcessingException e) {
      throw new BadDataException(file, "JSON", "something else: " + reason(e));
    }
  }

  private static void checkExists(Path file, String purpose) {
    if (!Files.isRegularFile(file)) {
      throw new BadDataException(file, purpose, "no such file");
    }
  }

  /** The same, of any kind of JSON. */
  public static JsonNode readAny(Path file, String purpose) throws IOException {
    checkExists(file, purpose);
    try {
      JsonNode root = JSON.readTree(Files.readAllBytes(file));
      if (root.isMissingNode()) {
        throw new BadDataException(file, "JSON", "an empty file");
      }
      return root;
    } catch (JsonProcessingException e) {
      throw new BadDataException(file, "JSON", "something else: " + reason(e));
    }
  }

  /** Without what Jackson adds on where it read from. */
  private static String reason(JsonProcessingException e) {
    return e.getOriginalMessage().replaceAll(" \\(start marker at .*", "")
        + (e.getLocation() == null
            ? ""
            : String.format(
                Locale.ROOT,
                " in line %d, column %d",
                e.getLocation().getLineNr(),
                e.getLocation().getColumnNr()));
  }

  /** A text, if there is one. */
  public Optional<String> text(String key) {
    return value(key).map(node -> require(node.isTextual(), node, key, "text").textValue());
  }

  /** A truth; {@code otherwise} where the key is missing. */
  public boolean flag(String key, boolean otherwise) {
    return value(key)
        .map(node -> require(node.isBoolean(), node, key, "true or false").booleanValue())
        .orElse(otherwise);
  }

  /** A number; {@code otherwise} where the key is missing. */
  public double number(String key, double otherwise) {
    return value(key)
        .map(node -> require(node.isNumber(), node, key, "a number").doubleValue())
        .orElse(otherwise);
  }

  /** A size of at least 1. */
  public OptionalInt size(String key) {
    Optional<JsonNode> found = value(key);
    if (found.isEmpty()) {
      return OptionalInt.empty();
    }
    JsonNode node = found.get();
    require(node.canConvertToInt() && node.isInt(), node, key, "a whole number");
    require(node.intValue() >= 1, node, key, "a number of at least 1");
    return OptionalInt.of(node.intValue());
  }

  /** The value of a key; JSON's null is none. */
  public Optional<JsonNode> value(String key) {
    return Optional.ofNullable(root.get(key)).filter(node -> !node.isNull());
  }

  /** All of its keys. */
  public Iterator<String> keys() {
    return root.fieldNames();
  }

  /** A fault of this file's key. */
  public BadDataException bad(String key, String expected, String found) {
    return new BadDataException(file, "key '" + key + "' to be " + expected, found);
  }

  private JsonNode require(boolean right, JsonNode node, String key, String expected) {
    if (!right) {
      throw bad(key, expected, node.toString());
    }
    return node;
  }

  /** What a piece of JSON is, in words. */
  public static String kind(JsonNode node) {
    return switch (node.getNodeType()) {
      case ARRAY -> "a list";
      case OBJECT -> "an object";
      default -> node.toString();
    };
  }
}
