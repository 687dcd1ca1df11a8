package dev.poolmark.evaluator.folder;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.poolmark.evaluator.encoder.TokenEmbeddings;
import dev.poolmark.evaluator.encoder.TokenEncoder;
import dev.poolmark.evaluator.transformer.Layers;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** all-MiniLM-L6-v2 as it is published, with weights alone, beside its ONNX twin. */
class RealWeightsTest {

  private static final List<String> SENTENCES =
      IntStream.of(1, 3, 3, 8, 20, 60, 119, 9)
          .mapToObj(
              n ->
                  "the quick brown fox jumps over a lazy dog and sings. "
                      .repeat(n)
                      .substring(0, 6 * n))
          .toList();

  @TempDir private static Path folders;
  private static Path published;
  private static Path twin;

  @BeforeAll
  static void find() throws IOException, InterruptedException {
    TransformersPython.assume();
    published = TransformersPython.minilm();
    twin = TestFolders.minilm(folders.resolve("twin"), 256);
  }

  @Test
  void embeddingsAreThoseOfTheOnnxTwin() throws IOException {
    List<float[]> expected = encode(twin, "-1");
    List<float[]> found = encode(published, "-1");
    for (int i = 0; i < SENTENCES.size(); i++) {
      assertArrayEquals(expected.get(i), found.get(i), 1e-5f, SENTENCES.get(i));
    }
  }

  @Test
  void everyLayerIsThatOfTheOnnxTwin() throws IOException {
    for (String layer : List.of("0", "3", "4", "first+last", "concat:2,-2")) {
      List<float[]> expected = encode(twin, layer);
      List<float[]> found = encode(published, layer);
      for (int i = 0; i < SENTENCES.size(); i++) {
        String message = layer + ": " + SENTENCES.get(i);
        float most = largest(expected.get(i)); // some numbers inside are far larger than 1
        assertArrayEquals(expected.get(i), found.get(i), Math.max(1e-5f, 3e-6f * most), message);
      }
    }
  }

  @Test
  void spearmanOnStsbIsThePublishedModels() throws IOException {
    Path pairs = BundledFoldersTest.stsb().resolve("sts-dev.csv");
    assertEquals(.8672, BundledFoldersTest.cosineSpearman(published, pairs), 5e-5);
  }

  private static float largest(float[] values) {
    float largest = 0;
    for (float value : values) {
      largest = Math.max(largest, Math.abs(value));
    }
    return largest;
  }

  private static List<float[]> encode(Path folder, String layer) throws IOException {
    EncoderChoice choice = new EncoderChoice(Optional.empty(), Layers.parse(layer));
    try (TokenEncoder encoder = ModelFolder.read(folder, choice).open()) {
      return encoder.encode(SENTENCES, done -> {}).stream().map(TokenEmbeddings::values).toList();
    }
  }
}
