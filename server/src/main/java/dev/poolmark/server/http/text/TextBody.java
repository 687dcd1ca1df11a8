package dev.poolmark.server.http.text;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.poolmark.evaluator.worker.WorkerRequest.Role;
import dev.poolmark.server.http.ApiException;
import dev.poolmark.server.text.TextHandling;
import dev.poolmark.server.text.TextInput;
import dev.poolmark.server.text.TextOptions;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Function;

/**
 * A client's JSON about texts. A value of a wrong type is refused by its name, a key that nobody
 * asks for is passed over, as text-embeddings-inference does it.
 */
final class TextBody {

  private static final ObjectMapper JSON =
      new ObjectMapper().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

  private final JsonNode json;
  private final TextOptions options;

  private TextBody(JsonNode json, TextOptions options) {
    this.json = json;
    this.options = options;
    if (!json.isObject()) {
      throw ApiException.invalid("expected a JSON object, found " + kind(json));
    }
  }

  static TextBody parse(Buffer body, TextOptions options) {
    try {
      return new TextBody(JSON.readTree(body.getBytes()), options);
    } catch (JsonProcessingException e) {
      throw ApiException.malformed("expected JSON, found: " + e.getOriginalMessage());
    } catch (IOException e) {
      throw ApiException.malformed("expected JSON, found: " + e.getMessage());
    }
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

  /** Checks what OpenAI's clients send and nobody here needs: it is a string, or not there. */
  void checkString(String key) {
    JsonNode value = json.path(key);
    if (!value.isMissingNode() && !value.isNull() && !value.isTextual()) {
      throw wrong(key, "a string", value);
    }
  }

  /** A number of dimensions; null where there is none. */
  Integer dimensions() {
    JsonNode value = json.path("dimensions");
    if (value.isMissingNode() || value.isNull()) {
      return null;
    } else if (!value.canConvertToInt() || !value.isIntegralNumber() || value.intValue() < 1) {
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

  /** How its texts are to be read. */
  TextHandling reading(Role role, boolean all) {
    JsonNode prompt = json.path("prompt_name");
    if (!prompt.isMissingNode() && !prompt.isNull()) {
      if (!prompt.isTextual()) {
        throw wrong("prompt_name", "a string", prompt);
      } else if (!options.model().prompts().contains(prompt.textValue())) {
        throw ApiException.refused(
            String.format(
                Locale.ROOT,
                "prompt_name: expected one of the model's prompts %s, found '%s'",
                options.model().prompts(),
                prompt.textValue()));
      }
    }
    return new TextHandling(
        flag("truncate", options.autoTruncate()),
        choice("truncation_direction", "right", "left").equals("left"),
        prompt.textValue(),
        role,
        all);
  }

  /** One text, written. */
  TextInput text(String key, TextHandling reading) {
    return written(key, json.path(key), reading);
  }

  /** Texts, all written. */
  List<TextInput> texts(String key, TextHandling reading) {
    JsonNode value = json.path(key);
    if (!value.isArray()) {
      throw wrong(key, "an array of strings", value);
    }
    return each(key, value, options.maxClientBatchSize(), text -> written(key, text, reading));
  }

  /**
   * One text or an array of them, each written or as an array of token ids.
   *
   * @param most how many there may be
   */
  List<TextInput> inputs(String key, TextHandling reading, int most) {
    JsonNode value = json.path(key);
    if (value.isTextual()) {
      return List.of(written(key, value, reading));
    } else if (!value.isArray()) {
      throw wrong(key, "a string, an array of strings or of arrays of token ids", value);
    } else if (value.path(0).isNumber()) {
      return List.of(ids(key, value, reading));
    }
    return each(
        key,
        value,
        most,
        text -> text.isArray() ? ids(key, text, reading) : written(key, text, reading));
  }

  private static List<TextInput> each(
      String key, JsonNode array, int most, Function<JsonNode, TextInput> reader) {
    if (array.isEmpty()) {
      throw empty(key);
    } else if (array.size() > most) {
      throw ApiException.refused(
          String.format(
              Locale.ROOT, "batch size %d > maximum allowed batch size %d", array.size(), most));
    }
    List<TextInput> texts = new ArrayList<>(array.size());
    array.forEach(text -> texts.add(reader.apply(text)));
    return texts;
  }

  private static TextInput written(String key, JsonNode text, TextHandling reading) {
    if (!text.isTextual()) {
      throw wrong(key, "a string", text);
    } else if (text.textValue().isEmpty()) {
      throw empty(key);
    }
    return new TextInput.Written(text.textValue(), reading);
  }

  private static TextInput ids(String key, JsonNode array, TextHandling reading) {
    if (array.isEmpty()) {
      throw empty(key);
    }
    List<Integer> ids = new ArrayList<>(array.size());
    for (JsonNode id : array) {
      if (!id.isIntegralNumber() || !id.canConvertToInt() || id.intValue() < 0) {
        throw wrong(key, "token ids", id);
      }
      ids.add(id.intValue());
    }
    return new TextInput.Ids(ids, reading);
  }

  private static ApiException empty(String key) {
    return ApiException.refused(String.format(Locale.ROOT, "`%s` cannot be empty", key));
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
