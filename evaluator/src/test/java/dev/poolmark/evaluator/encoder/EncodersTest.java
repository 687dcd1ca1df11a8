package dev.poolmark.evaluator.encoder;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.poolmark.evaluator.encoding.TestCache;
import dev.poolmark.evaluator.transformer.Layers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.OptionalInt;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EncodersTest {

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
  void startAndEndAreTokens() {
    assertEquals(2, encode("").tokens());
    assertEquals(4, encode("hello world").tokens());
    assertEquals(768, encode("hello world").dim());
  }

  @Test
  void longSentenceIsCutAt128Tokens() {
    TokenEmbeddings cut = encode("word ".repeat(500));
    assertEquals(128, cut.tokens());
    assertArrayEquals(encode("word ".repeat(126)).values(), cut.values());
    assertEquals(127, encode("word ".repeat(125)).tokens());
  }

  @Test
  void batchGivesWhatSingleSentencesGiveInTheOrderOfTheInput() {
    List<String> sentences = sentencesOfManyLengths();
    int[] finished = {0};
    List<TokenEmbeddings> together = encoder.encode(sentences, n -> finished[0] += n);
    assertEquals(sentences.size(), together.size());
    assertEquals(sentences.size(), finished[0]);
    for (int i = 0; i < sentences.size(); i++) {
      assertArrayEquals(
          encode(sentences.get(i)).values(), together.get(i).values(), 1e-4f, sentences.get(i));
    }
  }

  @Test
  void unicodeOfAllSortsIsEncoded() {
    assertEquals(encode("cafe").tokens(), encode("café").tokens());
    assertArrayEquals(encode("cafe").values(), encode("CAFÉ").values(), 1e-6f);
    for (String sentence : List.of("日本語の文", "👩‍🔬🚀", "\u0000\u200b", "\ud83d", "한국어", "ﷺ")) {
      assertTrue(encode(sentence).tokens() >= 2, sentence);
    }
  }

  @Test
  void joinedTokensAreThoseOfTheFirstThenThoseOfTheSecond() throws IOException {
    String sentence = "The quick brown fox.";
    TokenEmbeddings joined = encode(sentence);
    try (TransformerEncoder first =
            BundledEncoders.open(BundledEncoders.MINILM, TestCache.folder());
        TransformerEncoder second = BundledEncoders.open(BundledEncoders.BGE, TestCache.folder())) {
      float[] left = first.encode(List.of(sentence), n -> {}).get(0).values();
      float[] right = second.encode(List.of(sentence), n -> {}).get(0).values();
      for (int token = 0; token < joined.tokens(); token++) {
        float[] both = Arrays.copyOfRange(joined.values(), token * 768, (token + 1) * 768);
        assertArrayEquals(
            Arrays.copyOfRange(left, token * 384, (token + 1) * 384),
            Arrays.copyOf(both, 384),
            1e-6f);
        assertArrayEquals(
            Arrays.copyOfRange(right, token * 384, (token + 1) * 384),
            Arrays.copyOfRange(both, 384, 768),
            1e-6f);
      }
    }
  }

  @Test
  void cutOffModelInTheCacheIsUnpackedAnew(@TempDir Path cache) throws IOException {
    Path unpacked = cache.resolve("encoders");
    Files.createDirectories(unpacked);
    try (Stream<Path> files = Files.list(TestCache.folder().resolve("encoders"))) {
      for (Path file : files.filter(f -> f.toString().contains(BundledEncoders.MINILM)).toList()) {
        Files.writeString(unpacked.resolve(file.getFileName()), "cut off");
      }
    }
    try (TransformerEncoder mended = BundledEncoders.open(BundledEncoders.MINILM, cache)) {
      assertEquals(384, mended.dim());
    }
    try (Stream<Path> files = Files.list(unpacked)) {
      assertEquals(2, files.count(), "nothing unfinished is left");
    }
  }

  @Test
  void fileThatIsNoModelIsNamed(@TempDir Path folder) throws IOException {
    Path tokenizer = folder.resolve("tokenizer.json");
    try (Stream<Path> files = Files.list(TestCache.folder().resolve("encoders"))) {
      Path sound = files.filter(f -> f.toString().endsWith("-tokenizer.json")).findFirst().get();
      Files.copy(sound, tokenizer, StandardCopyOption.REPLACE_EXISTING);
    }
    Path model = Files.writeString(folder.resolve("model.onnx"), "not a model");
    IOException noModel =
        assertThrows(
            IOException.class, () -> OnnxModel.open(model, OptionalInt.empty(), Layers.LAST));
    assertTrue(noModel.getMessage().startsWith(model + ": expected an ONNX model"));

    Files.writeString(tokenizer, "{}");
    TokenizerSettings settings =
        new TokenizerSettings(tokenizer, 128, 0, false, TokenIds.Truncation.RIGHT);
    IOException noTokenizer = assertThrows(IOException.class, settings::open);
    assertTrue(noTokenizer.getMessage().startsWith(tokenizer + ": expected a tokenizer.json"));
  }

  private static TokenEmbeddings encode(String sentence) {
    return encoder.encode(List.of(sentence), n -> {}).get(0);
  }

  private static List<String> sentencesOfManyLengths() {
    List<String> words = List.of("rain", "falls", "on", "the", "quiet", "harbour", "town", "again");
    List<String> sentences = new ArrayList<>();
    for (int length = 0; length < 150; length += 7) {
      StringBuilder sentence = new StringBuilder();
      for (int i = 0; i < length; i++) {
        sentence.append(words.get((i * 5 + length) % words.size())).append(' ');
      }
      sentences.add(sentence.toString());
    }
    Collections.shuffle(sentences, new Random(1));
    return sentences;
  }
}
