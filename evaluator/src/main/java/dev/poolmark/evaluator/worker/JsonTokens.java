package dev.poolmark.evaluator.worker;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import dev.poolmark.evaluator.batch.Tokens;
import dev.poolmark.evaluator.dataset.FloatParser;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Sentences of tokens of numbers, read from JSON without a tree of it. */
final class JsonTokens implements Tokens {

  /** Only UTF-8, as HTTP has it. */
  private static final JsonFactory JACKSON =
      JsonFactory.builder().disable(JsonFactory.Feature.CHARSET_DETECTION).build();

  private static final int MOST_FLOATS = Integer.MAX_VALUE / Float.BYTES;

  private final String name;
  private final JsonParser json;
  private final List<float[]> sentences = new ArrayList<>();
  private int dim;

  /** The sentence that is read, its tokens one after the other. */
  private float[] values = new float[1 << 14];

  private int size;
  private int tokens;

  /** The spelling of a number, for the parser that reads token files. */
  private byte[] digits = new byte[64];

  private JsonTokens(String name, JsonParser json) {
    this.name = name;
    this.json = json;
  }

  /**
   * Reads an object with a {@code pooler} and a list of sentences by each of the names.
   *
   * @throws BadTokensException.Malformed where it is not JSON at all, wherever that shows
   * @throws BadTokensException where it is another JSON than that
   */
  static PoolingRequest read(Path path, String... names) throws IOException {
    try {
      return parse(path, List.of(names));
    } catch (BadTokensException e) {
      check(path);
      throw e;
    }
  }

  private static PoolingRequest parse(Path path, List<String> names) throws IOException {
    try (JsonParser json = JACKSON.createParser(path.toFile())) {
      PoolingRequest request = request(json, names);
      expect(json.nextToken() == null, json, "the body", "the end");
      return request;
    } catch (JsonProcessingException e) {
      throw malformed(e);
    }
  }

  /** Reads all of a file, to tell what is not JSON from what is not wanted. */
  private static void check(Path path) throws IOException {
    try (JsonParser json = JACKSON.createParser(path.toFile())) {
      if (json.nextToken() == null) {
        throw new BadTokensException.Malformed("expected JSON, found an empty body");
      }
      json.skipChildren();
      if (json.nextToken() != null) {
        throw new BadTokensException.Malformed("expected JSON, found more behind its end");
      }
    } catch (JsonProcessingException e) {
      throw malformed(e);
    }
  }

  private static BadTokensException malformed(JsonProcessingException e) {
    return new BadTokensException.Malformed(
        String.format(
            Locale.ROOT,
            "expected JSON, found: %s (line %d, column %d)",
            e.getOriginalMessage().strip().split("\\R", 2)[0],
            e.getLocation().getLineNr(),
            e.getLocation().getColumnNr()));
  }

  private static PoolingRequest request(JsonParser json, List<String> names) throws IOException {
    String pooler = null;
    Map<String, Tokens> lists = new HashMap<>();
    expect(json.nextToken() == JsonToken.START_OBJECT, json, "the body", "an object");
    while (json.nextToken() != JsonToken.END_OBJECT) {
      String key = json.currentName();
      json.nextToken();
      if (key.equals("pooler")) {
        expect(json.currentToken() == JsonToken.VALUE_STRING, json, key, "a string");
        pooler = json.getText();
      } else if (names.contains(key)) {
        lists.put(key, new JsonTokens(key, json).sentences());
      } else {
        throw new BadTokensException(
            String.format(Locale.ROOT, "expected only 'pooler' and %s, found '%s'", names, key));
      }
    }
    if (pooler == null || !lists.keySet().containsAll(names)) {
      throw new BadTokensException(String.format(Locale.ROOT, "expected 'pooler' and %s", names));
    }
    return new PoolingRequest(pooler, names.stream().map(lists::get).toList());
  }

  private Tokens sentences() throws IOException {
    expect(json.currentToken() == JsonToken.START_ARRAY, json, name, "an array");
    while (json.nextToken() != JsonToken.END_ARRAY) {
      expect(json.currentToken() == JsonToken.START_ARRAY, json, sentence(), "an array");
      sentences.add(readSentence());
    }
    if (sentences.isEmpty()) {
      throw new BadTokensException(name + ": expected at least one sentence, found none");
    }
    return this;
  }

  private float[] readSentence() throws IOException {
    size = 0;
    tokens = 0;
    while (json.nextToken() != JsonToken.END_ARRAY) {
      expect(json.currentToken() == JsonToken.START_ARRAY, json, token(), "an array");
      readToken();
      tokens++;
    }
    if (tokens == 0) {
      throw new BadTokensException(sentence() + ": expected at least one token, found none");
    }
    return Arrays.copyOf(values, size);
  }

  private void readToken() throws IOException {
    int start = size;
    for (JsonToken next; (next = json.nextToken()) != JsonToken.END_ARRAY; size++) {
      if (!next.isNumeric()) {
        expect(false, json, token(), "a number");
      }
      if (size == values.length) {
        grow();
      }
      readNumber();
    }
    if (dim == 0) {
      dim = size - start;
    }
    if (size - start != dim || dim == 0) {
      throw new BadTokensException(
          String.format(
              Locale.ROOT,
              "%s: expected %s numbers, found %d",
              token(),
              dim == 0 ? "some" : "as many as before, " + dim + ",",
              size - start));
    }
  }

  private void grow() {
    if (size == MOST_FLOATS) {
      throw new BadTokensException(sentence() + ": expected at most 2 GiB of floats, found more");
    }
    values = Arrays.copyOf(values, (int) Math.min(2L * size, MOST_FLOATS));
  }

  /** Jackson finds the number; the evaluator's parser is the faster one to make a float of it. */
  private void readNumber() throws IOException {
    char[] text = json.getTextCharacters();
    int from = json.getTextOffset();
    int length = json.getTextLength();
    if (digits.length < length + 1 + FloatParser.PADDING) {
      digits = new byte[2 * (length + FloatParser.PADDING)];
    }
    for (int i = 0; i < length; i++) {
      digits[i] = (byte) text[from + i];
    }
    digits[length] = ' ';
    FloatParser.parse(digits, 0, values, size);
    if (Float.isInfinite(values[size])) {
      throw new BadTokensException(
          token() + ": expected numbers that fit into a float, found a larger one");
    }
  }

  private String sentence() {
    return String.format(Locale.ROOT, "%s: sentence %d", name, sentences.size() + 1);
  }

  private String token() {
    return String.format(Locale.ROOT, "%s, token %d", sentence(), tokens + 1);
  }

  private static void expect(boolean met, JsonParser json, String where, String expected)
      throws IOException {
    if (!met) {
      throw new BadTokensException(
          String.format(Locale.ROOT, "%s: expected %s, found %s", where, expected, found(json)));
    }
  }

  private static String found(JsonParser json) throws IOException {
    JsonToken token = json.currentToken();
    if (token == null) {
      return "the end";
    }
    return switch (token) {
      case START_OBJECT -> "an object";
      case START_ARRAY -> "an array";
      case VALUE_STRING -> "a string";
      case VALUE_TRUE, VALUE_FALSE -> "a boolean";
      case VALUE_NULL -> "null";
      case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> "a number";
      default -> "'" + json.getText() + "'";
    };
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public int count() {
    return sentences.size();
  }

  @Override
  public int length(int sentence) {
    return sentences.get(sentence).length / dim;
  }

  @Override
  public int dim() {
    return dim;
  }

  @Override
  public void copy(int sentence, ByteBuffer target) {
    float[] floats = sentences.get(sentence);
    target.asFloatBuffer().put(floats);
    target.position(target.position() + floats.length * Float.BYTES);
  }
}
