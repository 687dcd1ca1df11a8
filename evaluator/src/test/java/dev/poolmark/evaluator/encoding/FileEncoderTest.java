package dev.poolmark.evaluator.encoding;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.poolmark.evaluator.dataset.PairFiles;
import dev.poolmark.evaluator.dataset.Side;
import dev.poolmark.evaluator.dataset.TokenStore;
import dev.poolmark.evaluator.dataset.TokenStores;
import dev.poolmark.evaluator.encoder.BundledEncoders;
import dev.poolmark.evaluator.encoder.TokenEmbeddings;
import dev.poolmark.evaluator.encoder.TokenEncoder;
import dev.poolmark.evaluator.files.BadDataException;
import dev.poolmark.evaluator.sentences.SentenceFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileEncoderTest {

  private static TokenEncoder encoder;

  @TempDir Path folder;

  @BeforeAll
  static void openEncoder() throws IOException {
    encoder = BundledEncoders.open(BundledEncoders.MINILM, TestCache.folder());
  }

  @AfterAll
  static void closeEncoder() {
    encoder.close();
  }

  @Test
  void textReadsBackToTheVeryFloatsOfTheStore() throws IOException {
    Path out = folder.resolve("out");
    Path pairs = pairs("A cat.\tThe \"cat\" sat.\t4.50\n\tUnrelated, déjà vu\t0\n");
    FileEncoder.Encoded encoded =
        new FileEncoder(side -> encoder).encode(request(pairs, out), EncodeProgress.NONE);

    assertEquals(2, encoded.rows());
    assertEquals(List.of("4.5", "0.0"), Files.readAllLines(out.resolve("labels.txt")));
    assertEquals(
        "A cat.\tThe \"cat\" sat.\t4.5\n\tUnrelated, déjà vu\t0.0\n",
        Files.readString(out.resolve("pairs.tsv")));
    assertEquals(
        List.of("first.txt", "labels.txt", "pairs.tsv", "second.txt", "tokens.safetensors"),
        names(out));
    try (TokenStore store = TokenStore.read(out.resolve("tokens.safetensors"), "test")) {
      assertEquals(encoded.tokens(), store.tokens());
      for (Side side : List.of(Side.FIRST, Side.SECOND)) {
        List<String> rows = Files.readAllLines(out.resolve(side.fileName()));
        for (int pair = 0; pair < 2; pair++) {
          assertRow(Pooling.sentence(store, side, pair), rows.get(pair));
        }
      }
    }
  }

  @Test
  void sourcesAreKeptWhereTheyAreAskedFor() throws IOException {
    Path out = folder.resolve("out");
    Path pairs = pairs("g\tnews\ty\t1\t3.5\tOne.\tTwo.\n");
    EncodeRequest request =
        new EncodeRequest(SentenceFile.pairs(pairs), Optional.empty(), true, out);
    new FileEncoder(side -> encoder).encode(request, EncodeProgress.NONE);
    assertEquals(
        "sentence1\tsentence2\tscore\tsource\nOne.\tTwo.\t3.5\tnews\n",
        Files.readString(out.resolve("pairs.tsv")));
  }

  @Test
  void storeIsTheOneThatTheTextsAreKnownBy() throws IOException {
    Path out = folder.resolve("out");
    new FileEncoder(side -> encoder)
        .encode(request(pairs("One.\tTwo.\t1\nThree.\tFour.\t2.5\n"), out), EncodeProgress.NONE);
    String sha256;
    try (TokenStore written = TokenStore.read(out.resolve("tokens.safetensors"), "test")) {
      sha256 = written.sha256();
    }
    Files.delete(out.resolve("tokens.safetensors"));
    try (TokenStore parsed =
        TokenStores.open(PairFiles.in(out), 384, Optional.of(folder.resolve("cache")), "test")) {
      assertEquals(parsed.sha256(), sha256);
    }
  }

  @Test
  void orderIsKeptOverManyWindows() throws IOException {
    // A word of more than 100 characters is one unknown token: many characters, little to compute.
    String filler = "x".repeat(130);
    StringBuilder rows = new StringBuilder();
    for (int row = 0; row < 700; row++) {
      rows.append(row % 50 == 0 ? "Number " + row : filler).append("\t").append(filler);
      rows.append("\t").append(row % 6).append('\n');
    }
    List<Long> done = new ArrayList<>();
    Path out = folder.resolve("out");
    new FileEncoder(side -> encoder)
        .encode(request(pairs(rows.toString()), out), (n, total) -> done.add(n));

    assertEquals(1400, done.get(done.size() - 1));
    assertEquals(done.stream().sorted().toList(), done);
    try (TokenStore store = TokenStore.read(out.resolve("tokens.safetensors"), "test")) {
      for (int row = 0; row < 700; row += 50) {
        assertArrayEquals(
            encoder.encode(List.of("Number " + row), n -> {}).get(0).values(),
            Pooling.sentence(store, Side.FIRST, row).values(),
            1e-4f);
        assertEquals(row % 6, store.labels()[row]);
      }
      assertEquals(3, store.length(Side.FIRST, 1));
    }
  }

  @Test
  void failureLeavesNothing() throws IOException {
    Path pairs = pairs("One.\tTwo.\t1\n");
    EncodeRequest request = request(pairs, folder.resolve("out"));
    EncodeProgress cancel =
        (done, total) -> {
          if (done > 0) {
            throw new CancellationException();
          }
        };
    assertThrows(
        CancellationException.class,
        () -> new FileEncoder(side -> encoder).encode(request, cancel));
    assertEquals(List.of("pairs.tsv"), names(folder));
  }

  @Test
  void badRowIsFoundBeforeAnythingIsEncoded() throws IOException {
    EncodeRequest request = request(pairs("One.\tTwo.\t1\nOne.\tTwo.\t6\n"), folder.resolve("out"));
    List<Long> done = new ArrayList<>();
    assertThrows(
        BadDataException.class,
        () -> new FileEncoder(side -> encoder).encode(request, (n, total) -> done.add(n)));
    assertTrue(done.isEmpty());
    assertEquals(List.of("pairs.tsv"), names(folder));
  }

  @Test
  void otherFilesOfTheFolderAreKept() throws IOException {
    Path out = Files.createDirectory(folder.resolve("out"));
    Files.writeString(out.resolve("notes.md"), "mine");
    Files.writeString(out.resolve("labels.txt"), "old");
    new FileEncoder(side -> encoder)
        .encode(request(pairs("One.\tTwo.\t1\n"), out), EncodeProgress.NONE);
    assertEquals("mine", Files.readString(out.resolve("notes.md")));
    assertEquals("1.0\n", Files.readString(out.resolve("labels.txt")));
    assertEquals(List.of("out", "pairs.tsv"), names(folder));
  }

  private static void assertRow(TokenEmbeddings expected, String row) {
    String[] parts = row.split(" ");
    assertEquals(expected.tokens(), Integer.parseInt(parts[0]));
    assertEquals(expected.dim(), Integer.parseInt(parts[1]));
    float[] read = new float[parts.length - 2];
    for (int i = 0; i < read.length; i++) {
      read[i] = Float.parseFloat(parts[i + 2]);
      assertTrue(parts[i + 2].length() <= Float.toString(read[i]).length(), parts[i + 2]);
    }
    assertArrayEquals(expected.values(), read);
  }

  private static EncodeRequest request(Path pairs, Path out) {
    return new EncodeRequest(SentenceFile.pairs(pairs), Optional.empty(), false, out);
  }

  private Path pairs(String text) throws IOException {
    return Files.writeString(folder.resolve("pairs.tsv"), text);
  }

  private static List<String> names(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }
}
