package dev.poolmark.evaluator.cli;

import dev.poolmark.api.PoolerOption;
import dev.poolmark.evaluator.files.Printable;
import dev.poolmark.evaluator.plugin.BrokenPlugin;
import dev.poolmark.evaluator.plugin.InstalledPooler;
import dev.poolmark.evaluator.plugin.PluginCatalog;
import dev.poolmark.evaluator.report.CatalogJson;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Lists the installed poolers. */
@Command(
    name = "poolers",
    mixinStandardHelpOptions = true,
    description = "List the installed poolers with their options, and broken plugins.")
final class PoolersCommand implements Callable<Integer> {

  @Spec private CommandSpec spec;
  @Mixin private PluginOptions plugins;
  @Mixin private FormatOption format;

  @Override
  public Integer call() throws IOException {
    PluginCatalog catalog = plugins.catalog();
    PrintWriter out = spec.commandLine().getOut();
    if (format.isJson()) {
      out.println(FormatOption.json(CatalogJson.of(catalog)));
    } else {
      print(catalog, out);
    }
    return ExitCode.DONE;
  }

  private static void print(PluginCatalog catalog, PrintWriter out) {
    int width =
        catalog.poolers().stream().mapToInt(pooler -> pooler.name().length()).max().orElse(0);
    for (InstalledPooler pooler : catalog.poolers()) {
      String name = pooler.name() + " ".repeat(width - pooler.name().length());
      println(out, "%s  %s", name, pooler.summary());
      String indent = " ".repeat(width + 2);
      for (PoolerOption option : pooler.options()) {
        println(out, "%s%s", indent, line(option));
      }
      println(out, "%s[%s, version %s]", indent, pooler.pluginName(), pooler.version());
    }
    for (BrokenPlugin broken : catalog.broken()) {
      println(out, "BROKEN  %s", broken);
    }
  }

  /** The words are plugins'. */
  private static void println(PrintWriter out, String format, Object... words) {
    out.println(Printable.of(String.format(Locale.ROOT, format, words)));
  }

  private static String line(PoolerOption option) {
    String values =
        switch (option.type()) {
          case CHOICE -> " (" + String.join(", ", option.allowed()) + ")";
          case LIST -> " (" + String.join(", ", option.allowed()) + "; joined by +)";
          default -> "";
        };
    return String.format(
        Locale.ROOT, "%s=%s  %s%s", option.name(), option.defaultValue(), option.help(), values);
  }
}
