package dev.poolmark.server.stock;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Models in files, which a spec names as {@code models/NAME}: only those right under the root. */
public final class Models {

  private static final String PREFIX = "models/";

  private final Path root;

  public Models(Path root) {
    this.root = root;
  }

  /** The specs of the models that are there. */
  public List<String> list() {
    if (!Files.isDirectory(root)) {
      return List.of();
    }
    try (Stream<Path> entries = Files.list(root)) {
      return entries
          .filter(this::stays)
          .map(entry -> PREFIX + entry.getFileName())
          .sorted()
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Where each model stands, by its spec, as a worker wants to know it. */
  public Map<String, Path> places() {
    return list().stream().collect(Collectors.toMap(model -> model, model -> Path.of(file(model))));
  }

  /** The file or folder of a model; nothing where it is none of these. */
  public Optional<Path> find(String model) {
    return list().stream().filter(model::equals).findFirst().map(this::entry);
  }

  private Path entry(String model) {
    return root.resolve(model.substring(PREFIX.length()));
  }

  /** Of a folder that {@code tune} wrote it is the best model that is meant. */
  private String file(String model) {
    Path entry = entry(model);
    Path best = entry.resolve("best");
    boolean tuned = Files.isDirectory(best) && !Files.exists(entry.resolve("pooler.json"));
    return (tuned ? best : entry).toString();
  }

  /** Whether a spec names a file rather than a pooler of a plugin. */
  public static boolean namesFile(String spec) {
    return spec.startsWith(PREFIX)
        || spec.endsWith(".pt")
        || spec.endsWith(".zip")
        || spec.matches("[^:]*[/\\\\].*");
  }

  /** The spec as a lane takes it; nothing where it names a file that is none of these models. */
  public Optional<String> locate(String spec) {
    if (!namesFile(spec)) {
      return Optional.of(spec);
    }
    return list().stream().filter(spec::equals).findFirst().map(this::file);
  }

  private boolean stays(Path entry) {
    try {
      return entry.toRealPath().startsWith(root.toRealPath());
    } catch (IOException e) {
      return false;
    }
  }
}
