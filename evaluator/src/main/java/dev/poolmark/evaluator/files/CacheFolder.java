package dev.poolmark.evaluator.files;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The folder of what is made once and found again: token stores, encoded files, the sample, models
 * that another node of a cluster has sent, and the unpacked encoders. Each entry, a file or a
 * folder, is worth the time of its making and no more, so it may go at any moment; who has one open
 * keeps it. When an entry was used last, the time of its last change tells.
 *
 * @param path which need not be there
 */
public record CacheFolder(Path path) {

  private static final Pattern ENTRIES =
      Pattern.compile(
          "[0-9a-f]{64}\\.safetensors|encoded-[0-9a-f]+|sample-[0-9a-f]+|model-[0-9a-f]{64}|encoders");

  /** How much is kept where nothing is said. */
  public static final String USUAL_SIZE = "20G";

  private static final String STORE_SUFFIX = ".safetensors";

  /**
   * Something that is kept.
   *
   * @param bytes that it takes
   */
  public record Entry(Path path, long bytes, Instant used) {}

  /** How much is kept where nothing is said: by {@code POOLMARK_CACHE_SIZE}, or 20 GiB. */
  public static long usualBytes() {
    String size = System.getenv("POOLMARK_CACHE_SIZE");
    return bytes(size == null ? USUAL_SIZE : size);
  }

  /** Notes that an entry, or one of its files, is used now. */
  public static void use(Path entry) {
    try {
      Files.setLastModifiedTime(entry, FileTime.from(Instant.now()));
    } catch (IOException e) {
      // A cache that is only for reading is somebody else's to clear up.
    }
  }

  /**
   * The place of a file in the cache; a folder that stands there goes, for it can't be replaced.
   */
  public static Path placeOfFile(Path place) throws IOException {
    if (Files.isDirectory(place, LinkOption.NOFOLLOW_LINKS)) {
      Trees.delete(place);
    }
    return place;
  }

  /** The place of a folder in the cache; what stands there and is none goes. */
  public static Path placeOfFolder(Path place) throws IOException {
    if (!Files.isDirectory(place)) {
      Files.deleteIfExists(place);
    }
    return place;
  }

  /** All that is kept, used last first. */
  public List<Entry> entries() throws IOException {
    if (!Files.isDirectory(path)) {
      return List.of();
    }
    List<Entry> entries = new ArrayList<>();
    try (DirectoryStream<Path> all = Files.newDirectoryStream(path)) {
      for (Path file : all) {
        if (ENTRIES.matcher(file.getFileName().toString()).matches()) {
          entries.add(
              new Entry(file, Trees.size(file), Files.getLastModifiedTime(file).toInstant()));
        }
      }
    }
    entries.sort(Comparator.comparing(Entry::used).reversed());
    return entries;
  }

  /**
   * Lets go of what was used longest ago until the rest takes no more than so many bytes. What was
   * used last stays, however large.
   *
   * @return what is gone
   */
  public List<Entry> keepWithin(long bytes) throws IOException {
    List<Entry> gone = new ArrayList<>();
    long kept = 0;
    for (Entry entry : entries()) {
      kept += entry.bytes();
      if (kept > bytes && kept > entry.bytes()) {
        remove(entry);
        kept -= entry.bytes();
        gone.add(entry);
      }
    }
    return gone;
  }

  /**
   * Lets go of everything, and of what processes that died have left.
   *
   * @return what is gone
   */
  public List<Entry> clear() throws IOException {
    List<Entry> all = entries();
    for (Entry entry : all) {
      remove(entry);
    }
    if (Files.isDirectory(path)) {
      removeStamps("");
      Unfinished.sweep(path.toRealPath());
    }
    return all;
  }

  private void remove(Entry entry) throws IOException {
    try {
      Trees.delete(entry.path());
    } catch (IOException e) {
      throw UnwrittenException.of(entry.path(), e);
    }
    String name = entry.path().getFileName().toString();
    if (name.endsWith(STORE_SUFFIX)) {
      removeStamps(name.substring(0, name.length() - STORE_SUFFIX.length()));
    }
  }

  /** What remembers that text files have this hash, or any. */
  private void removeStamps(String sha256) throws IOException {
    try (DirectoryStream<Path> all = Files.newDirectoryStream(path, "*.stamps")) {
      for (Path stamps : all) {
        if (Files.isDirectory(stamps)
            || Files.readString(stamps, ISO_8859_1).stripTrailing().endsWith(sha256)) {
          Trees.delete(stamps);
        }
      }
    }
  }

  /**
   * A size as people write it, {@code 512}, {@code 512M} or {@code 2.5 GiB}; MiB without a unit.
   */
  public static long bytes(String size) {
    String word = size.strip().toUpperCase(Locale.ROOT);
    Matcher parts =
        Pattern.compile("(\\d{1,9}(?:\\.\\d{1,9})?)\\s*([KMGT]?)(?:I?B)?").matcher(word);
    if (!parts.matches()) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT, "expected a size as 512M or 20G, found %s", TextLines.quoted(size)));
    }
    int power =
        switch (parts.group(2)) {
          case "K" -> 10;
          case "G" -> 30;
          case "T" -> 40;
          default -> 20;
        };
    return (long) (Double.parseDouble(parts.group(1)) * (1L << power));
  }
}
