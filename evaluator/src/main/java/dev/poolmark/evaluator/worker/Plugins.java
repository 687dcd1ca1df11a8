package dev.poolmark.evaluator.worker;

import dev.poolmark.evaluator.plugin.BrokenPlugin;
import dev.poolmark.evaluator.plugin.PluginCatalog;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The poolers of some folders as they are now: loaded again when a file in them has changed. */
final class Plugins {

  private final WorkerRequest.Setup setup;
  private final Consumer<Path> announce;
  private Map<Path, String> stamps = Map.of();
  private @Nullable PluginCatalog catalog;

  /**
   * @param announce is told of each plugin before any of its code runs
   */
  Plugins(WorkerRequest.Setup setup, Consumer<Path> announce) {
    this.setup = setup;
    this.announce = announce;
  }

  PluginCatalog catalog() {
    Map<Path, String> now = new TreeMap<>();
    setup.plugins().forEach(folder -> addStamps(folder, now));
    if (catalog == null || !now.equals(stamps)) {
      catalog = PluginCatalog.of(setup.plugins(), this::beforeLoading);
      stamps = now;
    }
    return catalog;
  }

  Optional<BrokenPlugin> beforeLoading(Path path) {
    Path plugin = path.toAbsolutePath(); // as it is in JSON
    Optional<BrokenJar> known =
        setup.broken().stream()
            .filter(jar -> jar.plugin().equals(plugin) && jar.stamp().equals(stamp(plugin)))
            .findAny();
    if (known.isEmpty()) {
      announce.accept(plugin);
    }
    return known.map(BrokenJar::finding);
  }

  /** What the files of a plugin are like: it is another when they change. */
  static String stamp(Path plugin) {
    Map<Path, String> stamps = new TreeMap<>();
    addStamps(plugin, stamps);
    return stamps.toString();
  }

  private static void addStamps(Path folder, Map<Path, String> stamps) {
    try (Stream<Path> files = Files.walk(folder, 2)) {
      for (Path file : files.toList()) {
        BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
        stamps.put(file, attributes.lastModifiedTime() + " " + attributes.size());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
