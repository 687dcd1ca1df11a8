package dev.poolmark.server.stock;

import dev.poolmark.evaluator.files.Sha256;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/** Hashes of files and folders; a file that looks untouched since is not read again. */
final class ContentHashes {

  /** A file that was changed so lately may change again and look the same. */
  private static final Duration RACY = Duration.ofSeconds(2);

  private final Map<Path, Known> known = new ConcurrentHashMap<>();

  private record Known(String stamp, String sha256) {}

  /** Of a file its own; of a folder that of its files' hashes with their paths. */
  String of(Path place) throws IOException {
    return Files.isDirectory(place) ? ofFiles(files(place)) : ofFile(place);
  }

  /** The hash of a file's content. */
  String ofFile(Path file) throws IOException {
    BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
    String stamp =
        attributes.size() + " " + attributes.lastModifiedTime() + " " + attributes.fileKey();
    Known before = known.get(file);
    if (before != null && before.stamp().equals(stamp)) {
      return before.sha256();
    }
    String sha256 = Sha256.of(List.of(file));
    if (attributes.lastModifiedTime().toInstant().isBefore(Instant.now().minus(RACY))) {
      known.put(file, new Known(stamp, sha256));
    }
    return sha256;
  }

  /** The hash of a folder that has files of these paths and hashes. */
  static String ofHashes(Map<String, String> sha256s) {
    MessageDigest hash = Sha256.newDigest();
    new TreeMap<>(sha256s)
        .forEach(
            (path, sha256) ->
                hash.update((path + "\n" + sha256 + "\n").getBytes(StandardCharsets.UTF_8)));
    return HexFormat.of().formatHex(hash.digest());
  }

  private String ofFiles(Map<String, Path> files) throws IOException {
    Map<String, String> sha256s = new TreeMap<>();
    for (Map.Entry<String, Path> file : files.entrySet()) {
      sha256s.put(file.getKey(), ofFile(file.getValue()));
    }
    return ofHashes(sha256s);
  }

  /** The files of a folder by their paths in it, with slashes; none that a link leads out to. */
  static Map<String, Path> files(Path folder) throws IOException {
    Path home = folder.toRealPath();
    Map<String, Path> files = new TreeMap<>();
    try (Stream<Path> all = Files.walk(home)) {
      for (Path file : all.filter(Files::isRegularFile).toList()) {
        if (file.toRealPath().startsWith(home)) {
          files.put(home.relativize(file).toString().replace('\\', '/'), file);
        }
      }
    }
    return files;
  }
}
