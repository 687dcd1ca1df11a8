package dev.poolmark.evaluator.encoder;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import ai.djl.huggingface.tokenizers.jni.LibUtils;
import ai.djl.util.Utils;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.poolmark.evaluator.files.NativeLibrary;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.stream.LongStream;
import java.util.stream.StreamSupport;

/**
 * How sentences become ids.
 *
 * @param file a {@code tokenizer.json}
 * @param maxTokens at most so many tokens a sentence, those that mark start and end included
 * @param padId the id that fills up shorter rows
 * @param lowerCase whether sentences are put into lower case before
 */
public record TokenizerSettings(Path file, int maxTokens, long padId, boolean lowerCase) {

  private static final int REPLACEMENT = 0xFFFD;

  public TokenizerSettings {
    if (maxTokens < 1) {
      throw new IllegalArgumentException("at least 1 token a sentence, found " + maxTokens);
    }
  }

  /**
   * A sentence as the tokenizer takes it. Half of a surrogate pair that stands alone is no
   * character: behind JNI it would garble the whole text, so the replacement character stands in
   * its place.
   */
  public String prepared(String sentence) {
    String cased = lowerCase ? sentence.toLowerCase(Locale.ROOT) : sentence;
    boolean wellFormed = cased.codePoints().noneMatch(TokenizerSettings::isHalf);
    return wellFormed
        ? cased
        : cased
            .codePoints()
            .map(point -> isHalf(point) ? REPLACEMENT : point)
            .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
            .toString();
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
    try {
      return HuggingFaceTokenizer.newInstance(
          file,
          Map.of(
              "padding", "false", "truncation", "false", "maxLength", Integer.toString(maxTokens)));
    } catch (RuntimeException e) {
      throw new IOException(
          String.format(
              Locale.ROOT, "%s: expected a tokenizer.json, found: %s", file, e.getMessage()),
          e);
    }
  }

  /** One more than the highest id, as the file lists them. */
  long vocabularySize() throws IOException {
    JsonNode tokenizer = new ObjectMapper().readTree(file.toFile());
    JsonNode words = tokenizer.path("model").path("vocab");
    LongStream ids =
        words.isArray()
            ? LongStream.range(0, words.size())
            : StreamSupport.stream(words.spliterator(), false).mapToLong(JsonNode::asLong);
    LongStream added =
        StreamSupport.stream(tokenizer.path("added_tokens").spliterator(), false)
            .mapToLong(token -> token.path("id").asLong());
    return LongStream.concat(ids, added).max().orElse(-1) + 1;
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
