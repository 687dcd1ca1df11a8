package dev.poolmark.evaluator.dataset;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.poolmark.evaluator.files.BadDataException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TokenStoresTest {

  @TempDir Path folder;
  @TempDir Path cache;

  @Test
  void theTextsAreReadWhole() throws Exception {
    Texts.valid(folder);
    try (TokenStore store = Texts.open(folder, cache)) {
      assertEquals(2, store.rows());
      assertEquals(3, store.dim());
      assertEquals(6, store.tokens());
      assertEquals("test", store.name());
      assertArrayEquals(new double[] {0, 4.75}, store.labels());
      assertEquals(1, store.length(Side.FIRST, 0));
      assertEquals(2, store.length(Side.FIRST, 1));
      assertArrayEquals(new float[] {1, 2, 3, 4, 5, 6}, sentence(store, Side.FIRST, 1));
      assertArrayEquals(new float[] {-1, 0.5f, 1e-2f, 4, 5, 6}, sentence(store, Side.SECOND, 0));
      assertArrayEquals(new float[] {7, 8, 9}, sentence(store, Side.SECOND, 1));
      assertEquals(hash("first.txt", "second.txt", "labels.txt"), store.sha256());
    }
  }

  @Test
  void anySpellingIsTheSameData() throws IOException {
    Texts.valid(folder);
    Files.writeString(
        folder.resolve("first.txt"), "1 3 1.0 +2 3e0\r\n2\t3  10e-1 2.000 .3e1 4 5 6   \r\n\r\n\n");
    Files.writeString(folder.resolve("labels.txt"), "0.0\r\n+4.750 \r\n\r\n");
    Texts.gzip(folder.resolve("first.txt"));
    Files.writeString(
        folder.resolve("second.txt"), "2 3 -1 0.5 0.01 4 5 6\n1 3 7 8 9"); // without line end
    Texts.gzip(folder.resolve("labels.txt"));
    try (TokenStore store = Texts.open(folder, cache)) {
      assertArrayEquals(new double[] {0, 4.75}, store.labels());
      assertArrayEquals(new float[] {1, 2, 3}, sentence(store, Side.FIRST, 0));
      assertArrayEquals(new float[] {1, 2, 3, 4, 5, 6}, sentence(store, Side.FIRST, 1));
      assertArrayEquals(new float[] {7, 8, 9}, sentence(store, Side.SECOND, 1));
    }
  }

  @Test
  void countsMayBeSpelledAsAllNumbersAre() throws IOException {
    Texts.valid(folder);
    Files.writeString(folder.resolve("first.txt"), "1.0 3.0 1 2 3\n2e0 +3.000 1 2 3 4 5 6\n");
    try (TokenStore store = Texts.open(folder, cache)) {
      assertArrayEquals(new float[] {1, 2, 3}, sentence(store, Side.FIRST, 0));
      assertArrayEquals(new float[] {1, 2, 3, 4, 5, 6}, sentence(store, Side.FIRST, 1));
    }
  }

  @Test
  void aHeaderOfPairsIsNoPair() throws IOException {
    Texts.valid(folder);
    Files.writeString(
        folder.resolve("pairs.tsv"),
        "\uFEFFsentence1\tSentence_2\tscore\r\na cat\ta dog\t0\r\nrain\tsnow\t4.75\r\n");
    try (TokenStore store = Texts.open(folder, cache)) {
      assertArrayEquals(new double[] {0, 4.75}, store.labels());
    }
  }

  @Test
  void namedColumnsOfPairsMayHoldMore() throws IOException {
    Texts.valid(folder);
    Path pairs = folder.resolve("pairs.tsv");
    String header = "sentence1\tsentence2\tscore\tsource\n";
    Files.writeString(pairs, header + "a cat\ta dog\t0\tnews\nrain\tsnow\t4.75\tnews\n");
    Texts.open(folder, cache).close();
    Files.writeString(pairs, header + "a cat\ta dog\t0\tnews\nrain\tsnow\t4.7\tnews\n");
    Path other = folder.resolve("other");
    BadDataException label = assertThrows(BadDataException.class, () -> Texts.open(folder, other));
    assertTrue(
        label.getMessage().contains("row 3: expected the label 4.75 of"), label.getMessage());
    Files.writeString(pairs, header + "a cat\ta dog\t0\n");
    BadDataException columns =
        assertThrows(BadDataException.class, () -> Texts.open(folder, other));
    assertTrue(
        columns.getMessage().endsWith("row 2: expected 4 columns as named, found 3 columns"),
        columns.getMessage());
  }

  @Test
  void rowsLongerThanTheWindowAreReadWhole() throws IOException {
    Texts.valid(folder);
    StringBuilder row = new StringBuilder("60000 3");
    for (int i = 0; i < 180_000; i++) {
      row.append(" 0.").append(100_000 + i);
    }
    Files.writeString(folder.resolve("first.txt"), "1 3 1 2 3\n" + row + "\n");
    try (TokenStore store = Texts.open(folder, cache)) {
      float[] tokens = sentence(store, Side.FIRST, 1);
      for (int i = 0; i < 180_000; i++) {
        assertEquals(Float.parseFloat("0." + (100_000 + i)), tokens[i]);
      }
    }
  }

  @Test
  void zippedTextsHaveTheSameHash() throws IOException {
    Texts.random(folder, 300, 2);
    String plain;
    try (TokenStore store = Texts.open(folder, cache)) {
      plain = store.sha256();
    }
    for (String name : List.of("first.txt", "second.txt", "labels.txt")) {
      Texts.gzip(folder.resolve(name));
    }
    try (TokenStore store = Texts.open(folder, cache)) {
      assertEquals(plain, store.sha256());
    }
  }

  @Test
  void untouchedTextsAreNotReadAgain() throws IOException {
    Texts.random(folder, 50, 3);
    age(folder);
    assumeTrue(FileStamps.of(PairFiles.in(folder).all()).settled() || waitForChangeTimes());
    Path stored = store();
    markStore(stored);
    try (TokenStore again = Texts.open(folder, cache)) {
      assertEquals(1234, sentence(again, Side.FIRST, 0)[0]);
    }
  }

  @Test
  void theHashIsKnownBeforeAStoreIsMadeAndFollowsWhatIsChanged() throws IOException {
    Texts.random(folder, 50, 3);
    String before = TokenStores.sha256(PairFiles.in(folder), cache);
    assertEquals(before, TokenStores.sha256(PairFiles.in(folder), cache));
    try (TokenStore store = Texts.open(folder, cache)) {
      assertEquals(before, store.sha256());
      assertEquals(TokenStores.place(cache, before).toRealPath(), store.path().toRealPath());
    }
    Path labels = folder.resolve("labels.txt");
    Files.writeString(labels, Files.readString(labels).replaceFirst("^[0-9.]+", "2.125"));
    assertNotEquals(before, TokenStores.sha256(PairFiles.in(folder), cache));
  }

  @Test
  void textsChangedBehindTheirTimesAreReadAgain() throws IOException {
    Texts.valid(folder);
    age(folder);
    FileTime time = Files.getLastModifiedTime(folder.resolve("first.txt"));
    Path before = store();
    Files.writeString(folder.resolve("first.txt"), "1 3 1 2 9\n2 3 1 2 3 4 5 6\n");
    Files.setLastModifiedTime(folder.resolve("first.txt"), time);
    try (TokenStore store = Texts.open(folder, cache)) {
      assertNotEquals(before, store.path());
      assertArrayEquals(new float[] {1, 2, 9}, sentence(store, Side.FIRST, 0));
    }
  }

  @Test
  void touchedTextsAreHashedAndNotParsed() throws IOException {
    Texts.random(folder, 50, 4);
    Path stored = store();
    markStore(stored);
    Files.setLastModifiedTime(folder.resolve("labels.txt"), FileTime.from(Instant.EPOCH));
    try (TokenStore again = Texts.open(folder, cache)) {
      assertEquals(1234, sentence(again, Side.FIRST, 0)[0]);
    }
  }

  @Test
  void aDamagedOrForeignStoreIsBuiltAnew() throws IOException {
    Texts.random(folder, 50, 5);
    Path stored = store();
    byte[] whole = Files.readAllBytes(stored);
    List<byte[]> damaged = new ArrayList<>();
    damaged.add(new byte[0]);
    damaged.add(Arrays.copyOf(whole, 100));
    damaged.add(Arrays.copyOf(whole, whole.length - 1));
    damaged.add(new byte[whole.length]);
    damaged.add(replaced(whole, "poolmark-tokens-2", "poolmark-tokens-0"));
    damaged.add(replaced(whole, "first.offsets", "third.offsets"));
    damaged.add(replaced(whole, "\"sha256\":\"", "\"sha256\":\"0"));
    for (byte[] bytes : damaged) {
      Files.write(stored, bytes);
      try (TokenStore store = Texts.open(folder, cache)) {
        assertEquals(50, store.rows());
      }
      assertArrayEquals(whole, Files.readAllBytes(stored));
    }
  }

  @Test
  void aFolderInAFilesPlaceInTheCacheMakesWay() throws IOException {
    Texts.random(folder, 50, 5);
    Path stored = store();
    byte[] whole = Files.readAllBytes(stored);
    List<Path> kept;
    try (Stream<Path> files = Files.list(cache)) {
      kept = files.toList();
    }
    assertEquals(2, kept.size(), kept::toString);
    for (Path file : kept) {
      Files.delete(file);
      Files.createDirectories(file.resolve("within"));
    }
    IOException told = assertThrows(IOException.class, () -> TokenStore.read(stored, "test"));
    assertEquals(stored + ": expected a safetensors file, found a folder", told.getMessage());
    Texts.open(folder, cache).close();
    assertArrayEquals(whole, Files.readAllBytes(stored));
    assertTrue(kept.stream().allMatch(Files::isRegularFile), kept::toString);
  }

  @Test
  void aStoreBesideItsTextsIsUsed() throws Exception {
    Texts.valid(folder);
    try (TokenStoreWriter writer = TokenStoreWriter.in(folder, Layout.PAIRS, 3)) {
      writer.append(new float[] {11, 2, 3}, 1);
      writer.append(new float[] {1, 2, 3, 4, 5, 6}, 2);
      writer.nextSide();
      writer.append(new float[] {1, 2, 3, 4, 5, 6}, 2);
      writer.append(new float[] {1, 2, 3}, 1);
      String sha256 = hash("first.txt", "second.txt", "labels.txt");
      writer.commit(TokenStores.FILE_NAME, new double[] {0, 4.75}, "mine", sha256);
    }
    try (TokenStore store = TokenStores.open(PairFiles.in(folder), 3, Optional.empty(), "test")) {
      assertEquals(11, sentence(store, Side.FIRST, 0)[0]);
    }
    Files.writeString(folder.resolve("labels.txt"), "1\n2\n");
    try (TokenStore store = Texts.open(folder, cache)) {
      assertEquals(1, sentence(store, Side.FIRST, 0)[0]);
    }
  }

  @Test
  void withoutCacheNothingIsLeft() throws IOException {
    Texts.random(folder, 50, 6);
    List<String> before = Texts.names(folder);
    try (TokenStore store = TokenStores.open(PairFiles.in(folder), 3, Optional.empty(), "test")) {
      assertEquals(50, store.rows());
      assertEquals(store.length(Side.FIRST, 7) * 3, sentence(store, Side.FIRST, 7).length);
      assertTrue(Files.notExists(store.path()));
    }
    assertEquals(before, Texts.names(folder));
  }

  @Test
  void manyAtOnceGetTheSameStore() throws Exception {
    Texts.random(folder, 2000, 7);
    ExecutorService threads = Executors.newFixedThreadPool(8);
    List<Future<String>> opened = new ArrayList<>();
    for (int i = 0; i < 16; i++) {
      opened.add(
          threads.submit(
              () -> {
                try (TokenStore store = Texts.open(folder, cache)) {
                  return store.sha256() + sentence(store, Side.SECOND, 1999)[0];
                }
              }));
    }
    String first = opened.get(0).get();
    for (Future<String> other : opened) {
      assertEquals(first, other.get());
    }
    threads.shutdown();
    assertEquals(2, Texts.names(cache).size());
  }

  @Test
  void twoProcessesAtOnceGetTheSameStore() throws Exception {
    Texts.random(folder, 2000, 8);
    List<Process> processes = List.of(otherProcess(), otherProcess());
    for (Process process : processes) {
      String out = new String(process.getInputStream().readAllBytes());
      assertEquals(0, process.waitFor(), out);
      assertEquals("2000", out.strip());
    }
    assertEquals(2, Texts.names(cache).size());
  }

  @Test
  void whatAKilledProcessLeavesIsNeitherReadNorKept() throws Exception {
    Texts.random(folder, 60_000, 9);
    Process process = otherProcess();
    while (process.isAlive() && Texts.names(cache).stream().noneMatch(n -> n.endsWith(".tmp"))) {
      process.waitFor(1, TimeUnit.MILLISECONDS);
    }
    process.destroyForcibly().waitFor();
    try (TokenStore store = Texts.open(folder, cache)) {
      assertEquals(60_000, store.rows());
    }
    assertEquals(2, Texts.names(cache).size(), Texts.names(cache).toString());
  }

  @Test
  void aWidthOfZeroIsRefused() throws IOException {
    PairFiles files = PairFiles.in(Texts.valid(folder));
    assertThrows(
        IllegalArgumentException.class,
        () -> TokenStores.open(files, 0, Optional.of(cache), "test"));
  }

  private Process otherProcess() throws IOException {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                Opener.class.getName(),
                folder.toString(),
                cache.toString())
            .redirectErrorStream(true)
            .start();
    CompletableFuture.delayedExecutor(2, TimeUnit.MINUTES).execute(process::destroyForcibly);
    return process;
  }

  /** The other process. */
  static final class Opener {
    public static void main(String[] args) throws IOException {
      try (TokenStore store = Texts.open(Path.of(args[0]), Path.of(args[1]))) {
        System.out.println(store.rows());
      }
    }
  }

  private Path store() throws IOException {
    try (TokenStore store = Texts.open(folder, cache)) {
      return store.path();
    }
  }

  /** Changes the first number of a store, so that a test sees whether it was read. */
  private static void markStore(Path stored) throws IOException {
    try (TokenStore store = TokenStore.read(stored, "test");
        TokenStoreWriter writer =
            TokenStoreWriter.in(stored.getParent(), store.layout(), store.dim())) {
      for (Side side : store.layout().sides()) {
        if (side != Side.FIRST) {
          writer.nextSide();
        }
        for (int i = 0; i < store.rows(); i++) {
          float[] values = sentence(store, side, i);
          if (side == Side.FIRST && i == 0) {
            values[0] = 1234;
          }
          writer.append(values, store.length(side, i));
        }
      }
      writer.commit(stored.getFileName().toString(), store.labels(), "test", store.sha256());
    }
  }

  @Test
  void everyBitThatFlipsIsNoticedAndTheCacheHeals() throws IOException {
    long seed = System.nanoTime();
    SplittableRandom random = new SplittableRandom(seed);
    Texts.random(folder, 3000, 11); // some blocks of checksums
    Path stored = store();
    byte[] whole = Files.readAllBytes(stored);
    int head = Long.BYTES + (int) ByteBuffer.wrap(whole).order(ByteOrder.LITTLE_ENDIAN).getLong(0);
    int labels = whole.length - 6 * Long.BYTES - 3000 * Double.BYTES; // at least there
    for (int i = 0; i < 300; i++) {
      int from = i % 3 == 0 ? 0 : i % 3 == 1 ? head : labels;
      int to = i % 3 == 0 ? head : whole.length;
      long bit = random.nextLong(8L * from, 8L * to);
      byte[] flipped = whole.clone();
      flipped[(int) (bit / 8)] ^= (byte) (1 << bit % 8);
      Files.write(stored, flipped);
      String reproduce = "seed " + seed + ", flip " + i + ", bit " + bit;
      assertThrows(IOException.class, () -> TokenStore.read(stored, "test"), reproduce);
      if (i % 30 < 3) {
        Texts.open(folder, cache).close();
        assertArrayEquals(whole, Files.readAllBytes(stored), reproduce);
      }
    }
  }

  @Test
  void aCacheThatIsOnlyForReadingServes() throws Exception {
    Texts.random(folder, 50, 12);
    Path stored = store();
    List<String> before = Texts.names(cache);
    Files.setLastModifiedTime(folder.resolve("labels.txt"), FileTime.from(Instant.EPOCH));
    Set<PosixFilePermission> usual = Files.getPosixFilePermissions(cache);
    try {
      Files.setPosixFilePermissions(cache, PosixFilePermissions.fromString("r-xr-xr-x"));
      try (TokenStore store = Texts.open(folder, cache)) {
        assertEquals(stored, store.path());
      }
    } finally {
      Files.setPosixFilePermissions(cache, usual);
    }
    assertEquals(before, Texts.names(cache));
  }

  private static void age(Path folder) throws IOException {
    for (String name : Texts.names(folder)) {
      Files.setLastModifiedTime(folder.resolve(name), FileTime.from(Instant.EPOCH));
    }
  }

  private boolean waitForChangeTimes() throws IOException {
    try {
      Thread.sleep(2100);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return FileStamps.of(PairFiles.in(folder).all()).settled();
  }

  private static byte[] replaced(byte[] bytes, String old, String by) {
    String text = new String(bytes, StandardCharsets.ISO_8859_1);
    assertTrue(text.contains(old));
    return text.replace(old, by).getBytes(StandardCharsets.ISO_8859_1);
  }

  private static float[] sentence(TokenStore store, Side side, int sentence) {
    float[] values = new float[store.length(side, sentence) * store.dim()];
    ByteBuffer bytes =
        ByteBuffer.allocateDirect(values.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    store.copy(side, sentence, bytes);
    bytes.flip().asFloatBuffer().get(values);
    return values;
  }

  private String hash(String... names) throws Exception {
    MessageDigest hash = MessageDigest.getInstance("SHA-256");
    for (String name : names) {
      hash.update(Files.readAllBytes(folder.resolve(name)));
    }
    return HexFormat.of().formatHex(hash.digest());
  }
}
