package dev.poolmark.evaluator.files;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CacheFolderTest {

  private static final String OLD = "0".repeat(64);
  private static final String NEW = "1".repeat(64);

  @TempDir Path folder;

  @BeforeEach
  void fill() throws IOException {
    entry(OLD + ".safetensors", 100, 30);
    Files.writeString(folder.resolve("a.stamps"), "1 2 3\ntrue\n" + OLD + "\n");
    Files.writeString(folder.resolve("b.stamps"), "1 2 3\ntrue\n" + NEW + "\n");
    Files.createDirectory(folder.resolve("encoded-ab12"));
    entry("encoded-ab12/tokens.safetensors", 200, 0);
    used("encoded-ab12", 20);
    entry(NEW + ".safetensors", 400, 10);
    entry("somebody's own.txt", 1000, 40);
  }

  private void entry(String name, int bytes, int daysAgo) throws IOException {
    Files.write(folder.resolve(name), new byte[bytes]);
    used(name, daysAgo);
  }

  private void used(String name, int daysAgo) throws IOException {
    Instant time = Instant.now().minusSeconds(86_400L * daysAgo);
    Files.setLastModifiedTime(folder.resolve(name), FileTime.from(time));
  }

  private List<String> names() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  private static List<String> names(List<CacheFolder.Entry> entries) {
    return entries.stream().map(entry -> entry.path().getFileName().toString()).toList();
  }

  @Test
  void entriesAreListedUsedLastFirst() throws IOException {
    List<CacheFolder.Entry> entries = new CacheFolder(folder).entries();
    assertEquals(
        List.of(NEW + ".safetensors", "encoded-ab12", OLD + ".safetensors"), names(entries));
    assertEquals(List.of(400L, 200L, 100L), entries.stream().map(e -> e.bytes()).toList());
    assertEquals(List.of(), new CacheFolder(folder.resolve("none")).entries());
  }

  @Test
  void whatWasUsedLongestAgoGoesFirst() throws IOException {
    CacheFolder cache = new CacheFolder(folder);
    assertEquals(List.of(), names(cache.keepWithin(700)));
    assertEquals(List.of(OLD + ".safetensors"), names(cache.keepWithin(699)));
    assertEquals(
        List.of(NEW + ".safetensors", "b.stamps", "encoded-ab12", "somebody's own.txt"), names());
    CacheFolder.use(folder.resolve("encoded-ab12"));
    assertEquals(List.of(NEW + ".safetensors"), names(cache.keepWithin(250)));
    assertEquals(List.of("encoded-ab12", "somebody's own.txt"), names());
  }

  @Test
  void whatWasUsedLastStaysHoweverLargeItIs() throws IOException {
    new CacheFolder(folder).keepWithin(1);
    assertEquals(List.of(NEW + ".safetensors", "b.stamps", "somebody's own.txt"), names());
  }

  @Test
  void allThatIsKeptCanGoAndNothingElseDoes() throws IOException {
    Files.writeString(folder.resolve(".poolmark-1.tmp"), "of one that died");
    Files.createDirectories(folder.resolve("c.stamps/within"));
    Files.write(folder.resolve("d.stamps"), new byte[] {'1', (byte) 0xff}); // no UTF-8
    assertEquals(3, new CacheFolder(folder).clear().size());
    assertEquals(List.of("somebody's own.txt"), names());
  }

  @ParameterizedTest
  @CsvSource({
    "512, 536870912",
    "512M, 536870912",
    "512mib, 536870912",
    "64 KB, 65536",
    "2.5G, 2684354560",
    "1T, 1099511627776",
    "0, 0"
  })
  void aSizeIsReadAsPeopleWriteIt(String size, long bytes) {
    assertEquals(bytes, CacheFolder.bytes(size));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "-1", "many", "1X", "1e3", "NaN", "9999999999G"})
  void whatIsNoSizeIsRefused(String size) {
    assertThrows(IllegalArgumentException.class, () -> CacheFolder.bytes(size));
  }
}
