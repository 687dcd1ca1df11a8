package dev.poolmark.evaluator.worker;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The plugins that no process is to load again until they change; workers that have the same
 * plugins share it, for each such plugin costs a process and some seconds.
 */
public final class BrokenJars {

  private final Map<Path, BrokenJar> byPlugin = new ConcurrentHashMap<>();

  void blame(Path plugin, String expected, String found) {
    byPlugin.put(plugin, new BrokenJar(plugin, Plugins.stamp(plugin), expected, found));
  }

  /** Those known so far. */
  public List<BrokenJar> all() {
    return List.copyOf(byPlugin.values());
  }
}
