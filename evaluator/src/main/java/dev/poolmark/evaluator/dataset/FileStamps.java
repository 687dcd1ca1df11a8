package dev.poolmark.evaluator.dataset;

import dev.poolmark.evaluator.files.AtomicFile;
import dev.poolmark.evaluator.files.CacheFolder;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;

/**
 * How a data set's files looked before they were read: path, size, times and inode. A cache folder
 * remembers, by the files' paths, how they looked when their hash was taken.
 *
 * @param paths the files
 * @param stamps a line for each file
 * @param settled false where a file was changed so lately that another change could leave the same
 *     times (as git has it: <a href="https://git-scm.com/docs/racy-git">racily clean</a>)
 */
record FileStamps(List<Path> paths, List<String> stamps, boolean settled) {

  private static final Duration RACY = Duration.ofSeconds(2);

  static FileStamps of(List<Path> files) throws IOException {
    Instant settledBefore = Instant.now().minus(RACY);
    List<Path> paths = new ArrayList<>();
    List<String> stamps = new ArrayList<>();
    boolean settled = true;
    for (Path file : files) {
      Path path = file.toRealPath();
      BasicFileAttributes attributes = Files.readAttributes(path, BasicFileAttributes.class);
      Instant modified = attributes.lastModifiedTime().toInstant();
      Instant changed = changed(path).orElse(modified);
      paths.add(path);
      stamps.add(
          String.format(
              Locale.ROOT,
              "%d %s %s %s",
              attributes.size(),
              modified,
              changed,
              attributes.fileKey()));
      settled &= modified.isBefore(settledBefore) && changed.isBefore(settledBefore);
    }
    return new FileStamps(paths, stamps, settled);
  }

  /** When the inode was changed, which can't be set back as the time of modification can. */
  private static Optional<Instant> changed(Path path) throws IOException {
    try {
      return Optional.of(((FileTime) Files.getAttribute(path, "unix:ctime")).toInstant());
    } catch (UnsupportedOperationException | IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  /** What a cache folder remembers of the files with these paths. */
  Optional<Entry> find(Path cache) {
    try {
      return Entry.parse(Files.readAllLines(cache.resolve(fileName())), stamps.size());
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  /** Makes a cache folder remember the hash of the files that looked like this. */
  void record(Path cache, String sha256) throws IOException {
    List<String> lines = new ArrayList<>(stamps);
    lines.add(String.valueOf(settled));
    lines.add(sha256);
    Path place = CacheFolder.placeOfFile(cache.resolve(fileName()));
    AtomicFile.writeString(place, String.join("\n", lines) + "\n");
  }

  private String fileName() {
    byte[] key = paths.toString().getBytes(StandardCharsets.UTF_8);
    return UUID.nameUUIDFromBytes(key) + ".stamps";
  }

  /**
   * What is remembered.
   *
   * @param stamps how the files looked
   * @param settled whether looking the same means being the same
   * @param sha256 the hash of their content
   */
  record Entry(List<String> stamps, boolean settled, String sha256) {

    private static Optional<Entry> parse(List<String> lines, int files) {
      if (lines.size() != files + 2 || !lines.get(files + 1).matches("[0-9a-f]{64}")) {
        return Optional.empty();
      }
      return Optional.of(
          new Entry(
              lines.subList(0, files), lines.get(files).equals("true"), lines.get(files + 1)));
    }

    /** Whether the files are surely those whose hash was taken. */
    boolean isUntouched(FileStamps now) {
      return settled && stamps.equals(now.stamps());
    }
  }
}
