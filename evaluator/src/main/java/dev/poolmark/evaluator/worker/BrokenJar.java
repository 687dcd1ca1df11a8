package dev.poolmark.evaluator.worker;

import dev.poolmark.evaluator.plugin.BrokenPlugin;
import java.nio.file.Path;

/**
 * A plugin that ended or held up the process that loaded it.
 *
 * @param plugin the jar, or the folder of jars
 * @param stamp what its files were like then: another stamp is another plugin
 * @param expected of its loading
 * @param found instead
 */
public record BrokenJar(Path plugin, String stamp, String expected, String found) {

  BrokenPlugin finding() {
    return new BrokenPlugin(plugin, expected, found);
  }
}
