package dev.poolmark.server.stock;

import dev.poolmark.evaluator.dataset.PairFiles;
import dev.poolmark.evaluator.dataset.TokenStores;
import dev.poolmark.evaluator.encoding.Sample;
import dev.poolmark.evaluator.files.BadDataException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The data sets that runs may name: folders right under the root, and the bundled sample. */
public final class Datasets {

  /** What is bundled, and so on every node. */
  public static final String SAMPLE = Sample.NAME;

  private static final Logger LOG = LoggerFactory.getLogger(Datasets.class);
  private static final List<String> FILES = List.of("first.txt", "second.txt", "labels.txt");

  private final Optional<Path> root;
  private final Path cache;

  /**
   * @param root none where there is only the sample
   * @param cache a folder that remembers hashes
   */
  public Datasets(Optional<Path> root, Path cache) {
    this.root = root;
    this.cache = cache;
  }

  /** The names of those under the root. */
  public List<String> names() {
    return root.map(Datasets::folders).orElse(List.of());
  }

  /**
   * The hash of a data set under the root as it is now.
   *
   * @return none where there is none of that name, or it can't be read, which its run will tell
   */
  public Optional<String> sha256(String name) {
    Optional<String> folder = name.equals(SAMPLE) ? Optional.empty() : locate(name);
    try {
      return folder.isEmpty()
          ? Optional.empty()
          : Optional.of(TokenStores.sha256(PairFiles.in(Path.of(folder.get())), cache));
    } catch (IOException | BadDataException e) {
      LOG.debug("data set '{}' has no hash", name, e);
      return Optional.empty();
    }
  }

  /** What a lane calls the data set, or nothing where there is none of that name. */
  public Optional<String> locate(String name) {
    if (name.equals(SAMPLE)) {
      return Optional.of(name);
    }
    return root.filter(folder -> folders(folder).contains(name))
        .map(folder -> folder.resolve(name).toString());
  }

  /** Only names that the root itself lists can be named, so none leaves it. */
  private static List<String> folders(Path root) {
    try (Stream<Path> entries = Files.list(root)) {
      return entries
          .filter(folder -> isDataset(root, folder))
          .map(folder -> folder.getFileName().toString())
          .sorted()
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static boolean isDataset(Path root, Path folder) {
    try {
      return folder.toRealPath().startsWith(root.toRealPath())
          && FILES.stream().allMatch(file -> exists(folder, file));
    } catch (IOException e) {
      return false;
    }
  }

  private static boolean exists(Path folder, String file) {
    return Files.isRegularFile(folder.resolve(file))
        || Files.isRegularFile(folder.resolve(file + ".gz"));
  }
}
