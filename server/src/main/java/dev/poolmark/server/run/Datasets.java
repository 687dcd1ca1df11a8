package dev.poolmark.server.run;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** The data sets that runs may name: folders right under the root, and the bundled sample. */
public final class Datasets {

  private static final List<String> FILES = List.of("first.txt", "second.txt", "labels.txt");

  private final Optional<Path> root;

  /**
   * @param root none where there is only the sample
   */
  public Datasets(Optional<Path> root) {
    this.root = root;
  }

  public JsonArray list() {
    JsonArray datasets = new JsonArray().add(new JsonObject().put("name", RunRequest.SAMPLE));
    root.map(Datasets::folders)
        .orElse(List.of())
        .forEach(name -> datasets.add(new JsonObject().put("name", name)));
    return datasets;
  }

  /** What a lane calls the data set, or nothing where there is none of that name. */
  public Optional<String> locate(String name) {
    if (name.equals(RunRequest.SAMPLE)) {
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
