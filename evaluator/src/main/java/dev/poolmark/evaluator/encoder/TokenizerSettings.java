package dev.poolmark.evaluator.encoder;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import ai.djl.huggingface.tokenizers.jni.LibUtils;
import ai.djl.util.Utils;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.poolmark.evaluator.files.NativeLibrary;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * How sentences become ids.
 *
 * @param file a {@code tokenizer.json}
 * @param maxTokens at most so many tokens a sentence, those that mark start and end included
 * @param padId the id that fills up shorter rows
 * @param lowerCase whether sentences are put into lower case before
 * @param truncation which end of a sentence is given up where it is too long
 */
public record TokenizerSettings(
    Path file, int maxTokens, long padId, boolean lowerCase, TokenIds.Truncation truncation) {

  private static final JsonFactory JSON = new JsonFactory();
  private static final int REPLACEMENT = 0xFFFD;

  public TokenizerSettings {
    if (maxTokens < 1) {
      throw new IllegalArgumentException("at least 1 token per sentence, found " + maxTokens);
    }
  }

  /**
   * A sentence as the tokenizer takes it. Half of a surrogate pair that stands alone is no
   * character: behind JNI it would garble the whole text, so the replacement character stands in
   * its place.
   */
  public String prepared(String sentence) {
    String cased = lowerCase ? lowered(sentence) : sentence;
    boolean wellFormed = cased.codePoints().noneMatch(TokenizerSettings::isHalf);
    return wellFormed
        ? cased
        : cased
            .codePoints()
            .map(point -> isHalf(point) ? REPLACEMENT : point)
            .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
            .toString();
  }

  /** As the tokenizers' own Lowercase: each character by itself, a final sigma like any other. */
  private static String lowered(String sentence) {
    return sentence
        .codePoints()
        .mapToObj(point -> Character.toString(point).toLowerCase(Locale.ROOT))
        .collect(Collectors.joining());
  }

  private static boolean isHalf(int point) {
    return point >= Character.MIN_SURROGATE && point <= Character.MAX_SURROGATE;
  }

  /**
   * Opens the tokenizer, which cuts nothing.
   *
   * @throws IOException naming the file, where it is none
   */
  HuggingFaceTokenizer open() throws IOException {
    // DJL reports its use to its makers unless told not to before it loads.
    System.setProperty("OPT_OUT_TRACKING", "true");
    System.setProperty("ai.djl.offline", "true");
    NativeLibrary.load("tokenizers", Utils.getEngineCacheDir("tokenizers"), LibUtils::checkStatus);
    Map<String, String> options =
        Map.of("padding", "false", "truncation", "false", "maxLength", Integer.toString(maxTokens));
    try {
      return HuggingFaceTokenizer.newInstance(file, options);
    } catch (RuntimeException e) {
      return openNewer(options, e);
    }
  }

  /** Opens what a newer library than this one wrote, if that is what it couldn't read. */
  private HuggingFaceTokenizer openNewer(Map<String, String> options, RuntimeException unread)
      throws IOException {
    Optional<byte[]> older = PairedMerges.joined(file);
    if (older.isEmpty()) {
      throw isNone(unread);
    }
    try {
      return HuggingFaceTokenizer.newInstance(new ByteArrayInputStream(older.get()), options);
    } catch (RuntimeException e) {
      throw isNone(e);
    }
  }

  private IOException isNone(RuntimeException e) {
    return new IOException(
        String.format(
            Locale.ROOT, "%s: expected a tokenizer.json, found: %s", file, e.getMessage()),
        e);
  }

  /**
   * Which end a {@code tokenizer.json} itself gives up: the right one, unless it says otherwise.
   */
  public static TokenIds.Truncation truncationOf(Path file) throws IOException {
    try (JsonParser json = JSON.createParser(file.toFile())) {
      json.nextToken();
      for (String key = json.nextFieldName(); key != null; key = json.nextFieldName()) {
        JsonToken value = json.nextToken();
        if (key.equals("truncation") && value == JsonToken.START_OBJECT) {
          return directionOf(json);
        }
        json.skipChildren();
      }
    }
    return TokenIds.Truncation.RIGHT;
  }

  private static TokenIds.Truncation directionOf(JsonParser json) throws IOException {
    for (String key = json.nextFieldName(); key != null; key = json.nextFieldName()) {
      json.nextToken();
      if (key.equals("direction") && json.getValueAsString("").equals("Left")) {
        return TokenIds.Truncation.LEFT;
      }
      json.skipChildren();
    }
    return TokenIds.Truncation.RIGHT;
  }

  /** One more than the highest id, as the file lists them; read as a stream, for it is large. */
  long vocabularySize() throws IOException {
    long highest = -1;
    try (JsonParser json = JSON.createParser(file.toFile())) {
      json.nextToken();
      for (String key = json.nextFieldName(); key != null; key = json.nextFieldName()) {
        json.nextToken();
        if (key.equals("model") && json.isExpectedStartObjectToken()) {
          highest = Math.max(highest, highestOfModel(json));
        } else if (key.equals("added_tokens") && json.isExpectedStartArrayToken()) {
          highest = Math.max(highest, highestAdded(json));
        } else {
          json.skipChildren();
        }
      }
    }
    return highest + 1;
  }

  /** The ids of {@code vocab}, {@code {word: id}}, or a list of words in the order of their ids. */
  private static long highestOfModel(JsonParser json) throws IOException {
    long highest = -1;
    for (String key = json.nextFieldName(); key != null; key = json.nextFieldName()) {
      JsonToken value = json.nextToken();
      if (key.equals("vocab") && value == JsonToken.START_OBJECT) {
        while (json.nextToken() != JsonToken.END_OBJECT) {
          json.nextToken();
          highest = Math.max(highest, json.getValueAsLong());
        }
      } else if (key.equals("vocab") && value == JsonToken.START_ARRAY) {
        for (; json.nextToken() != JsonToken.END_ARRAY; highest++) {
          json.skipChildren();
        }
      } else {
        json.skipChildren();
      }
    }
    return highest;
  }

  private static long highestAdded(JsonParser json) throws IOException {
    long highest = -1;
    while (json.nextToken() != JsonToken.END_ARRAY) {
      if (json.currentToken() == JsonToken.FIELD_NAME && json.currentName().equals("id")) {
        json.nextToken();
        highest = Math.max(highest, json.getValueAsLong());
      }
    }
    return highest;
  }

  /**
   * How many tokens at the start of a sentence are a prompt's, the one that marks the start
   * included.
   */
  public int tokensOfPrompt(String prompt) throws IOException {
    if (prompt.isEmpty()) {
      return 0;
    }
    try (HuggingFaceTokenizer tokenizer = open()) {
      long[] special = tokenizer.encode(prepared(prompt)).getSpecialTokenMask();
      return special.length - (int) special[special.length - 1]; // without the one at the end
    }
  }
}
