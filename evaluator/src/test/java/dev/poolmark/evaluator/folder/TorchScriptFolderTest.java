package dev.poolmark.evaluator.folder;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.poolmark.api.PoolerOptions;
import dev.poolmark.evaluator.encoder.TokenEmbeddings;
import dev.poolmark.evaluator.encoder.TokenEncoder;
import dev.poolmark.evaluator.files.BadDataException;
import dev.poolmark.evaluator.text.SentenceEmbedder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A folder of DistilBERT's shape: TorchScript, no token types, its own name for the width. */
class TorchScriptFolderTest {

  private static final List<String> SENTENCES =
      List.of("Rain.", "Rain falls on the quiet harbour town again.", "", "word ".repeat(99));

  @TempDir private Path folder;

  @BeforeEach
  void layOut() throws IOException {
    TestFolders.distilBert(folder);
  }

  @Test
  void inputsThatTheModelDoesNotTakeAreLeftOutAndTheMaskIsHeeded() throws IOException {
    try (TokenEncoder encoder = ModelFolder.read(folder).open()) {
      List<TokenEmbeddings> together = encoder.encode(SENTENCES, done -> {});
      assertEquals(32, together.get(3).tokens());
      for (int i = 0; i < SENTENCES.size(); i++) {
        float[] alone = encoder.encode(SENTENCES.subList(i, i + 1), done -> {}).get(0).values();
        assertArrayEquals(alone, together.get(i).values(), 1e-5f, SENTENCES.get(i));
      }
    }
  }

  @Test
  void ownPoolingIsTheMeanOfTheTokens() throws IOException {
    ModelFolder model = ModelFolder.read(folder);
    try (TokenEncoder encoder = model.open();
        SentenceEmbedder embedder =
            new SentenceEmbedder(
                encoder, model.pooler().create(PoolerOptions.of(List.of(), Map.of(), 8)))) {
      List<float[]> embeddings = embedder.embed(SENTENCES);
      List<TokenEmbeddings> tokens = encoder.encode(SENTENCES, done -> {});
      for (int i = 0; i < SENTENCES.size(); i++) {
        assertArrayEquals(mean(tokens.get(i)), embeddings.get(i), 1e-5f, SENTENCES.get(i));
      }
    }
  }

  @Test
  void widthThatTheModelDoesNotHaveIsNamed() throws IOException {
    write("config.json", "{\"dim\": 16, \"max_position_embeddings\": 64}");
    write(
        "1_Pooling/config.json",
        "{\"word_embedding_dimension\": 16, \"pooling_mode_mean_tokens\": true}");
    try (TokenEncoder encoder = ModelFolder.read(folder).open()) {
      BadDataException fault =
          assertThrows(BadDataException.class, () -> encoder.encode(List.of("Rain."), done -> {}));
      assertEquals(
          folder.resolve("model.pt")
              + ": expected float32 of shape (1, 4, 16) from forward, found float32 of shape (1, 4, 8)",
          fault.getMessage());
    }
  }

  /** Words alone are its tokens: nothing marks a start or an end. */
  @Test
  void aTextThatHasNoTokensIsRefusedByName() throws IOException {
    write(
        "tokenizer.json",
        """
        {"version": "1.0", "truncation": null, "padding": null, "added_tokens": [],
         "normalizer": null, "pre_tokenizer": {"type": "Whitespace"}, "post_processor": null,
         "decoder": null,
         "model": {"type": "WordLevel", "vocab": {"rain": 5, "?": 6}, "unk_token": "?"}}
        """);
    try (TokenEncoder encoder = ModelFolder.read(folder).open()) {
      assertEquals(2, encoder.encode(List.of("rain rain"), done -> {}).get(0).tokens());
      BadDataException fault =
          assertThrows(
              BadDataException.class, () -> encoder.encode(List.of("rain", " "), done -> {}));
      assertEquals(
          folder.resolve("tokenizer.json")
              + ": expected at least one token of each sentence, found none of ' '",
          fault.getMessage());
    }
  }

  private static float[] mean(TokenEmbeddings sentence) {
    float[] mean = new float[sentence.dim()];
    for (int i = 0; i < sentence.values().length; i++) {
      mean[i % mean.length] += sentence.values()[i] / sentence.tokens();
    }
    return mean;
  }

  private void write(String file, String text) throws IOException {
    Files.writeString(folder.resolve(file), text);
  }
}
