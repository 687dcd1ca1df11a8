package dev.poolmark.evaluator.dataset;

import dev.poolmark.evaluator.files.BadDataException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** The row-aligned text files of a data set, each plain or, named {@code .gz}, gzipped. */
public sealed interface DataFiles permits PairFiles, TripletFiles, CorpusFiles {

  /** What a row is. */
  Layout layout();

  /** Token embeddings, a file a side of the layout, in its order. */
  List<Path> tokens();

  /** The number of each row. */
  Optional<Path> numbers();

  /** The sentences themselves. */
  Optional<Path> texts();

  /** Those whose hash names the data set: tokens, then numbers. */
  default List<Path> hashed() {
    return Stream.concat(tokens().stream(), numbers().stream()).toList();
  }

  /** All of them: tokens, numbers, texts. */
  default List<Path> all() {
    return Stream.concat(hashed().stream(), texts().stream()).toList();
  }

  /**
   * Checks that files are there.
   *
   * @throws BadDataException naming the first one that is not
   */
  static void check(Stream<Path> files) {
    files
        .filter(file -> !Files.isRegularFile(file))
        .findFirst()
        .ifPresent(
            file -> {
              throw new BadDataException(
                  file, "a file", Files.exists(file) ? "something else" : "nothing there");
            });
  }

  /** A file of a folder, plain or as {@code .gz}. */
  static Optional<Path> find(Path folder, String name) {
    return Stream.of(folder.resolve(name), folder.resolve(name + ".gz"))
        .filter(Files::isRegularFile)
        .findFirst();
  }

  /** One that must be there. */
  static Path required(Path folder, String name) {
    return find(folder, name)
        .orElseThrow(() -> new BadDataException(folder, name + " or " + name + ".gz", "neither"));
  }

  /**
   * Checks that the folder is one.
   *
   * @param files what it is to hold
   */
  static void checkFolder(Path folder, String files) {
    if (!Files.isDirectory(folder)) {
      throw new BadDataException(
          folder, "a folder with " + files, Files.exists(folder) ? "a file" : "nothing there");
    }
  }
}
