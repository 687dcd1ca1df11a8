package dev.poolmark.server.http.text;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.poolmark.evaluator.worker.WorkerRequest.Role;
import dev.poolmark.server.http.answer.ApiException;
import dev.poolmark.server.http.answer.Unicode;
import dev.poolmark.server.text.EmbedOptions;
import dev.poolmark.server.text.EncoderOptions;
import dev.poolmark.server.text.Text;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A client's JSON about texts. A value of a wrong type is refused by its name, a key that nobody
 * asks for is passed over, as text-embeddings-inference does it.
 */
final class TextBody {

  private static final ObjectMapper JSON =
      new ObjectMapper().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

  private final JsonNode json;
  private final EncoderOptions options;

  private TextBody(JsonNode json, EncoderOptions options) {
    this.json = json;
    this.options = options;
    if (!json.isObject()) {
      throw ApiException.invalid("expected a JSON object, found " + kind(json));
    }
  }

  static TextBody parse(Buffer body, EncoderOptions options) {
    try {
      JsonNode json = JSON.readTree(body.getBytes());
      checkUnicode(json);
      return new TextBody(json, options);
    } catch (JsonProcessingException e) {
      throw ApiException.malformed("expected JSON, found: " + e.getOriginalMessage());
    } catch (IOException e) {
      throw ApiException.malformed("expected JSON, found: " + e.getMessage());
    }
  }

  /** JSON can write half a character, which no tokenizer takes and no answer can repeat. */
  private static void checkUnicode(JsonNode json) {
    if (json.isTextual() && !Unicode.isWellFormed(json.textValue())) {
      throw ApiException.invalid("expected text, found one half of a surrogate pair alone");
    }
    json.elements().forEachRemaining(TextBody::checkUnicode);
  }

  /** The object at a key, empty where there is none. */
  TextBody object(String key) {
    JsonNode value = json.path(key);
    return new TextBody(
        value.isMissingNode() || value.isNull() ? JSON.createObjectNode() : value, options);
  }

  /** Whether an object is at a key. */
  boolean hasObject(String key) {
    return json.path(key).isObject();
  }

  boolean flag(String key, boolean otherwise) {
    JsonNode value = json.path(key);
    if (value.isMissingNode() || value.isNull()) {
      return otherwise;
    } else if (!value.isBoolean()) {
      throw wrong(key, "true or false", value);
    }
    return value.booleanValue();
  }

  /** Checks that it is a string, or not there. */
  void checkString(String key) {
    JsonNode value = json.path(key);
    if (!value.isMissingNode() && !value.isNull() && !value.isTextual()) {
      throw wrong(key, "a string", value);
    }
  }

  /** A number of dimensions; null where there is none. */
  @Nullable Integer dimensions() {
    JsonNode value = json.path("dimensions");
    if (value.isMissingNode() || value.isNull()) {
      return null;
    } else if (!value.canConvertToInt()
        || !value.canConvertToExactIntegral()
        || value.intValue() < 1) {
      throw wrong("dimensions", "a whole number of at least 1", value);
    }
    return value.intValue();
  }

  /** One of some words, written in lower or upper case; the first where there is none. */
  String choice(String key, String first, String... others) {
    JsonNode value = json.path(key);
    if (value.isMissingNode() || value.isNull()) {
      return first;
    }
    String word = value.asText().toLowerCase(Locale.ROOT);
    if (!word.equals(first) && !Set.of(others).contains(word)) {
      throw wrong(key, first + " or " + String.join(" or ", others), value);
    }
    return word;
  }

  /** How its texts are to be embedded. */
  EmbedOptions how(Role role, boolean all) {
    checkString("prompt_name");
    return new EmbedOptions(
        flag("truncate", options.autoTruncate()),
        choice("truncation_direction", "right", "left").equals("left"),
        json.path("prompt_name").textValue(),
        role,
        all);
  }

  /** Checked last: whoever sends what no model takes is told of that first. */
  private void checkPrompt(@Nullable String name) {
    if (name != null && !options.model().prompts().contains(name)) {
      throw ApiException.refused(
          String.format(
              Locale.ROOT,
              "prompt_name: expected one of the model's prompts %s, found '%s'",
              options.model().prompts(),
              name));
    }
  }

  /** One text, written. */
  Text text(String key, EmbedOptions how) {
    return written(key, json.path(key), how);
  }

  /** Texts, all written. */
  List<Text> texts(String key, EmbedOptions how) {
    JsonNode value = json.path(key);
    if (!value.isArray()) {
      throw wrong(key, "an array of strings", value);
    }
    return each(key, value, options.maxClientBatchSize(), text -> written(key, text, how));
  }

  /**
   * One text or an array of them, each written or as an array of token ids.
   *
   * @param most how many there may be
   */
  List<Text> inputs(String key, EmbedOptions how, int most) {
    JsonNode value = json.path(key);
    if (value.isTextual()) {
      return List.of(written(key, value, how));
    } else if (!value.isArray()) {
      throw wrong(key, "a string, an array of strings or of arrays of token ids", value);
    } else if (value.path(0).isNumber()) {
      return List.of(ids(key, value, how));
    }
    return each(
        key, value, most, text -> text.isArray() ? ids(key, text, how) : written(key, text, how));
  }

  private static List<Text> each(
      String key, JsonNode array, int most, Function<JsonNode, Text> reader) {
    if (array.isEmpty()) {
      throw empty(key);
    } else if (array.size() > most) {
      throw ApiException.refused(
          String.format(
              Locale.ROOT, "batch size %d > maximum allowed batch size %d", array.size(), most));
    }
    List<Text> texts = new ArrayList<>(array.size());
    array.forEach(text -> texts.add(reader.apply(text)));
    return texts;
  }

  private Text written(String key, JsonNode text, EmbedOptions how) {
    if (!text.isTextual()) {
      throw wrong(key, "a string", text);
    } else if (text.textValue().isEmpty()) {
      throw empty(key);
    }
    checkPrompt(how.prompt());
    return new Text.Written(text.textValue(), how);
  }

  private Text ids(String key, JsonNode array, EmbedOptions how) {
    if (array.isEmpty()) {
      throw empty(key);
    }
    List<Integer> ids = new ArrayList<>(array.size());
    for (JsonNode id : array) {
      if (!id.canConvertToExactIntegral() || !id.canConvertToInt() || id.intValue() < 0) {
        throw wrong(key, "token ids", id);
      }
      ids.add(id.intValue());
    }
    checkPrompt(how.prompt());
    return new Text.Ids(ids, how);
  }

  private static ApiException empty(String key) {
    return ApiException.empty(String.format(Locale.ROOT, "`%s` cannot be empty", key));
  }

  private static ApiException wrong(String key, String expected, JsonNode found) {
    return ApiException.invalid(
        String.format(Locale.ROOT, "%s: expected %s, found %s", key, expected, kind(found)));
  }

  /** A value, or where it may be long only what kind of one. */
  private static String kind(JsonNode value) {
    return switch (value.getNodeType()) {
      case MISSING -> "none";
      case ARRAY -> "an array";
      case OBJECT -> "an object";
      case STRING -> "a string";
      default -> value.toString();
    };
  }
}
