package dev.poolmark.evaluator.cli;

import dev.poolmark.evaluator.plugin.PluginCatalog;
import dev.poolmark.evaluator.worker.CommandHost;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Where poolers come from. */
final class PluginOptions {

  @Spec(Spec.Target.MIXEE)
  private CommandSpec command;

  @Option(
      names = "--plugins",
      paramLabel = "DIR",
      description = "A further folder of plugin jars, beside the distribution's own.")
  private List<Path> folders = List.of();

  PluginCatalog catalog() {
    CommandHost host = Poolmark.host(command);
    PluginCatalog catalog = PluginCatalog.of(folders(), host::beforeLoading);
    host.loaded();
    return catalog;
  }

  /** The distribution's own first. */
  private List<Path> folders() {
    List<Path> all = new ArrayList<>(List.of(Path.of(System.getProperty("poolmark.plugins"))));
    all.addAll(folders);
    return all;
  }
}
