package dev.poolmark.evaluator.worker;

import dev.poolmark.evaluator.plugin.PluginCatalog;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/** The poolers of some folders as they are now: loaded again when a file in them has changed. */
final class Plugins {

  private final List<Path> folders;
  private Map<Path, String> stamps = Map.of();
  private PluginCatalog catalog;

  Plugins(List<Path> folders) {
    this.folders = List.copyOf(folders);
  }

  PluginCatalog catalog() {
    Map<Path, String> now = stamps();
    if (catalog == null || !now.equals(stamps)) {
      catalog = PluginCatalog.of(folders);
      stamps = now;
    }
    return catalog;
  }

  private Map<Path, String> stamps() {
    Map<Path, String> found = new TreeMap<>();
    for (Path folder : folders) {
      try (Stream<Path> files = Files.walk(folder, 2)) {
        for (Path file : files.toList()) {
          BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
          found.put(file, attributes.lastModifiedTime() + " " + attributes.size());
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    return found;
  }
}
