package dev.poolmark.evaluator.plugin;

import dev.poolmark.evaluator.files.Printable;
import java.nio.file.Path;
import java.util.Locale;

/**
 * What is wrong with a plugin, or with one pooler in it.
 *
 * @param plugin the jar, or the folder of jars
 */
public record BrokenPlugin(Path plugin, String expected, String found) {

  /** What plugins say may hold anything. */
  public BrokenPlugin {
    expected = Printable.of(expected);
    found = Printable.of(found);
  }

  @Override
  public String toString() {
    return String.format(
        Locale.ROOT, "%s: expected %s, found %s", plugin.getFileName(), expected, found);
  }
}
