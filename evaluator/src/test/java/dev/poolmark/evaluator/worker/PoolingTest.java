package dev.poolmark.evaluator.worker;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.poolmark.evaluator.batch.BatchPooler;
import dev.poolmark.evaluator.batch.LongRows;
import dev.poolmark.evaluator.batch.Tokens;
import dev.poolmark.evaluator.files.BadDataException;
import dev.poolmark.evaluator.plugin.PluginCatalog;
import dev.poolmark.evaluator.plugin.PoolerSpec;
import dev.poolmark.evaluator.safetensors.SafetensorsWriter;
import dev.poolmark.evaluator.safetensors.TensorData;
import dev.poolmark.evaluator.torch.CompiledPooler;
import dev.poolmark.evaluator.torch.TorchEngine;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PoolingTest {

  private static final PluginCatalog PLUGINS =
      PluginCatalog.of(List.of(Path.of(System.getProperty("poolmark.plugins"))));

  @TempDir private Path folder;

  /** Numbers of few digits, so that sums in any order are the same. */
  private record Sentences(long[] lengths, float[] tokens, float[] sums) {

    static Sentences of(int dim, long... lengths) {
      Random random = new Random(5);
      int tokens = 0;
      for (long length : lengths) {
        tokens += (int) length;
      }
      float[] values = new float[tokens * dim];
      float[] sums = new float[lengths.length * dim];
      int at = 0;
      for (int sentence = 0; sentence < lengths.length; sentence++) {
        for (int i = 0; i < lengths[sentence] * dim; i++) {
          values[at] = random.nextInt(-8, 9) / 8f;
          sums[sentence * dim + i % dim] += values[at++];
        }
      }
      return new Sentences(lengths, values, sums);
    }

    private int dim() {
      return sums.length / lengths.length;
    }

    PoolingRequest safetensors(Path file) throws IOException {
      Map<String, TensorData> tensors = new LinkedHashMap<>();
      tensors.put("tokens", TensorData.of(tokens, tokens.length / dim(), dim()));
      tensors.put("lengths", TensorData.of(lengths, lengths.length));
      SafetensorsWriter.write(file, tensors, Map.of());
      return SafetensorsTokens.read(file, "sum");
    }

    PoolingRequest json(Path file) throws IOException {
      try (BufferedWriter out = Files.newBufferedWriter(file)) {
        out.write("{\"pooler\":\"sum\",\"inputs\":[");
        int at = 0;
        for (int sentence = 0; sentence < lengths.length; sentence++) {
          out.write(sentence == 0 ? "[" : ",[");
          for (int i = 0; i < lengths[sentence] * dim(); i++) {
            out.write(i == 0 ? "[" : i % dim() == 0 ? "],[" : ",");
            out.write(Float.toString(tokens[at++]));
          }
          out.write("]]");
        }
        out.write("]}");
      }
      return JsonTokens.read(file, "inputs");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"json", "safetensors"})
  void oneLongSentenceAmongShortOnesIsPooledAsTheOthers(String format) throws IOException {
    long[] lengths = new long[LongRows.ROWS];
    for (int i = 0; i < lengths.length; i++) {
      lengths[i] = i == LongRows.LONG ? LongRows.TOKENS : 1 + i % 5;
    }
    Sentences sentences = Sentences.of(LongRows.DIM, lengths);
    Path file = folder.resolve("body");
    PoolingRequest request =
        format.equals("json") ? sentences.json(file) : sentences.safetensors(file);
    assertArrayEquals(sentences.sums(), pool(request, "sum"));
  }

  /** They are neighbours in the file, and need no padding: torch reads them where they are. */
  @ParameterizedTest
  @ValueSource(strings = {"sum", "mean", "max"})
  void sentencesOfOneLengthArePooledAsThoseOfMany(String pooler) throws IOException {
    long[] equal = new long[150];
    Arrays.fill(equal, 3);
    Sentences sentences = Sentences.of(5, equal);
    Path file = folder.resolve("body");
    float[] together = pool(sentences.safetensors(file), pooler);
    assertArrayEquals(pool(sentences.json(folder.resolve("json")), pooler), together, 1e-6f);
  }

  @Test
  void aPoolerMayWriteIntoWhatItPoolsAndTheFileStaysAsItIs() throws IOException {
    Sentences sentences = Sentences.of(6, 3, 3, 3, 4);
    Path file = folder.resolve("body");
    Tokens tokens = sentences.safetensors(file).sentences().get(0);
    assertTrue(tokens.inPlace(0, 3).isPresent());
    byte[] before = Files.readAllBytes(file);
    TorchEngine.start(1);
    List<String> lines = List.of("y = torch.mul_(x, 2)", "return torch.sum(y, [1])");
    try (CompiledPooler pooler = CompiledPooler.of(lines, List.of(), 6)) {
      float[] pooled = BatchPooler.of(pooler).pool(tokens.only(new int[] {0, 1, 2}));
      for (int i = 0; i < pooled.length; i++) {
        assertEquals(2 * sentences.sums()[i], pooled[i]);
      }
    }
    assertArrayEquals(before, Files.readAllBytes(file));
  }

  @Test
  void notANumberIsBlamedOnTheTokensAndNotOnThePooler() throws IOException {
    Sentences sentences = Sentences.of(4, 3, 1, 2);
    sentences.tokens()[4 * 4 + 1] =
        Float.NaN; // the second sentence has token 4, the third the next
    PoolingRequest request = sentences.safetensors(folder.resolve("body"));
    BadDataException refused = assertThrows(BadDataException.class, () -> pool(request, "mean"));
    assertEquals(
        "tokens: expected finite numbers, found NaN in token 1 of sentence 3",
        refused.getMessage());
  }

  /** The file is sparse: it takes no room on the disk. */
  @Test
  void aSentenceOfMoreThanTwoGigabytesIsRefusedInOneLine() throws IOException {
    long tokens = (1L << 19) + 1;
    String header =
        "{\"tokens\":{\"dtype\":\"F32\",\"shape\":[%d,1024],\"data_offsets\":[8,%d]},"
                .formatted(tokens, 8 + tokens * 4096)
            + "\"lengths\":{\"dtype\":\"I64\",\"shape\":[1],\"data_offsets\":[0,8]}}";
    byte[] json = header.getBytes(StandardCharsets.US_ASCII);
    Path path = folder.resolve("large");
    try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw")) {
      file.setLength(8 + json.length + 8 + tokens * 4096);
      file.write(little(json.length));
      file.write(json);
      file.write(little(tokens));
    }
    BadTokensException refused =
        assertThrows(BadTokensException.class, () -> SafetensorsTokens.read(path, "sum"));
    assertEquals(
        "sentence 1: expected at most 2 GiB, found 524289 tokens of 4096 bytes",
        refused.getMessage());
  }

  private static byte[] little(long value) {
    return ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(value).array();
  }

  private static float[] pool(PoolingRequest request, String pooler) {
    try (Pooling pooling = new Pooling()) {
      return pooling.pool(PLUGINS, PoolerSpec.parse(pooler), request.sentences().get(0)).values();
    }
  }
}
