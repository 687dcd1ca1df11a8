package dev.poolmark.evaluator.encoder;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import dev.poolmark.evaluator.encoder.TokenIds.Truncation;
import dev.poolmark.evaluator.encoding.TestCache;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class TokenIdsTest {

  private static final String LONG = "One [SEP] two, three: 4 fünf! ".repeat(60);

  private static TokenEncoder encoder;

  @BeforeAll
  static void openEncoder() throws IOException {
    encoder = BundledEncoders.open(TestCache.folder());
  }

  @AfterAll
  static void closeEncoder() {
    encoder.close();
  }

  @Test
  void tokenizingCutsNothing() {
    assertEquals(1002, ids("word ".repeat(1000)).count());
  }

  @Test
  void whatIsCutAtTheRightIsWhatTheTokenizerCutsItself() throws IOException {
    for (int max : List.of(2, 3, 17, 128)) {
      try (HuggingFaceTokenizer cutting =
          HuggingFaceTokenizer.newInstance(
              tokenizerFile(),
              Map.of("padding", "false", "truncation", "true", "maxLength", "" + max))) {
        assertArrayEquals(
            cutting.encode(LONG).getIds(), ids(LONG).truncated(max, Truncation.RIGHT).ids());
      }
    }
  }

  @Test
  void whatIsCutAtTheLeftIsTheEndOfTheTextBetweenItsMarks() {
    TokenIds cut = ids("never seen " + "word ".repeat(126)).truncated(128, Truncation.LEFT);
    assertArrayEquals(ids("word ".repeat(126)).ids(), cut.ids());
    assertEquals(cut.count(), cut.types().length);
  }

  @Test
  void idsOfOnesOwnHaveNoMarks() {
    TokenIds own = TokenIds.of(5, 6, 7, 8);
    assertArrayEquals(new long[] {5, 6}, own.truncated(2, Truncation.RIGHT).ids());
    assertArrayEquals(new long[] {7, 8}, own.truncated(2, Truncation.LEFT).ids());
    assertSame(own, own.truncated(4, Truncation.LEFT));
  }

  @Test
  void theVocabularyEndsAfterItsHighestId() {
    assertEquals(30522, encoder.vocabularySize());
  }

  private static TokenIds ids(String text) {
    return encoder.tokenize(List.of(text)).get(0);
  }

  private static Path tokenizerFile() throws IOException {
    try (Stream<Path> files = Files.list(TestCache.folder().resolve("encoders"))) {
      return files
          .filter(f -> f.toString().endsWith("bge-small-en-v1.5-tokenizer.json"))
          .findFirst()
          .get();
    }
  }
}
