package dev.poolmark.evaluator.files;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * What the libraries of older versions of Poolmark, which had no {@link ProcessFolder}, unpacked
 * straight into the temporary folder and left there when they were killed. Whoever made such a file
 * had started before; where no such process lives, it is nobody's.
 */
final class Leftovers {

  private static final String VERTX = "vertx-cache-";

  private static final Pattern NAMES =
      Pattern.compile(
          "onnxruntime-java\\d+|sqlite-.*[.](so|dylib|dll)([.]lck)?|" + VERTX + "[0-9a-f-]{36}");

  /** What is younger may be just unpacked, and not loaded yet. */
  private static final Duration YOUNG = Duration.ofHours(1);

  private Leftovers() {}

  /** Removes those of this user whose process is gone. */
  static void sweep(Path temporary) throws IOException {
    try (DirectoryStream<Path> found =
        Files.newDirectoryStream(
            temporary, file -> NAMES.matcher(file.getFileName().toString()).matches())) {
      for (Path file : found) {
        deleteUnlessUsed(file);
      }
    }
  }

  private static void deleteUnlessUsed(Path file) {
    try {
      if (Files.isWritable(file) && !isUsed(file)) {
        Trees.delete(file);
      }
    } catch (IOException e) {
      // Another's, or gone: a later process finds it again.
    }
  }

  private static boolean isUsed(Path file) throws IOException {
    Instant made = Files.getLastModifiedTime(file).toInstant();
    return made.isAfter(Instant.now().minus(YOUNG))
        || ProcessHandle.allProcesses().anyMatch(process -> mayUse(process, file, made));
  }

  private static boolean mayUse(ProcessHandle process, Path file, Instant made) {
    ProcessHandle.Info info = process.info();
    return !hasFolder(info)
        && info.command().filter(command -> command.matches(".*java(w|[.]exe)?")).isPresent()
        && info.startInstant().filter(start -> start.isAfter(made)).isEmpty()
        && hasMapped(process, file);
  }

  /** A Poolmark of today, this one too, has its own {@link ProcessFolder}. */
  private static boolean hasFolder(ProcessHandle.Info info) {
    return Stream.of(info.arguments().orElse(new String[0]))
        .anyMatch(argument -> argument.startsWith("-Dpoolmark.tmpdir="));
  }

  /** Native code is mapped by whoever loaded it; where the system doesn't tell, it may be. */
  private static boolean hasMapped(ProcessHandle process, Path file) {
    if (file.getFileName().toString().startsWith(VERTX)) {
      return true; // no native code
    }
    String library = file.toString().replaceFirst("[.]lck$", "");
    Path maps = Path.of("/proc", Long.toString(process.pid()), "maps");
    try (Stream<String> lines = Files.lines(maps, StandardCharsets.ISO_8859_1)) {
      return lines.anyMatch(line -> line.contains(library));
    } catch (IOException | UncheckedIOException e) {
      return true;
    }
  }
}
