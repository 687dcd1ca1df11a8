package dev.poolmark.evaluator.worker;

import dev.poolmark.evaluator.plugin.BrokenPlugin;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/**
 * The plugins that no process is to load again until they change; workers that have the same
 * plugins share it, for each such plugin costs a process and some seconds.
 */
public final class BrokenJars {

  private final Map<Path, BrokenJar> byPlugin = new ConcurrentHashMap<>();

  private final Consumer<BrokenPlugin> told;

  /**
   * @param told is told of each, once
   */
  public BrokenJars(Consumer<BrokenPlugin> told) {
    this.told = told;
  }

  /** Keeps it; another worker may have found out the same meanwhile. */
  void blame(Path plugin, String expected, String found) {
    BrokenJar jar = new BrokenJar(plugin, Plugins.stamp(plugin), expected, found);
    BrokenJar before = byPlugin.put(plugin, jar);
    if (before == null || !before.stamp().equals(jar.stamp())) {
      told.accept(jar.finding());
    }
  }

  /** Those known so far. */
  public List<BrokenJar> all() {
    return List.copyOf(byPlugin.values());
  }
}
