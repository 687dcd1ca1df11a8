import dev.poolmark.evaluator.cli.Poolmark;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Help;
import picocli.CommandLine.Model.CommandSpec;

/**
 * Writes what a shell and {@code man} know of the commands into a distribution's {@code share}: the
 * completion for bash and zsh, and a page of what {@code --help} tells for each command.
 */
final class Manual {

  private final Path pages;
  private final String version;

  private Manual(Path pages, String version) {
    this.pages = pages;
    this.version = version;
  }

  public static void main(String[] args) throws IOException {
    Path share = Path.of(args[0], "share");
    Path pages = Files.createDirectories(share.resolve("man/man1"));
    empty(pages);
    CommandLine poolmark = Poolmark.allCommands();
    Path completions = Files.createDirectories(share.resolve("bash-completion/completions"));
    Files.writeString(completions.resolve("poolmark"), AutoComplete.bash("poolmark", poolmark));
    Manual manual = new Manual(pages, args[1]);
    manual.write(poolmark);
    for (CommandLine command : poolmark.getSubcommands().values()) {
      if (!command.getCommandSpec().usageMessage().hidden()) {
        manual.write(command);
      }
    }
  }

  /** Of an earlier build's pages. */
  private static void empty(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
    }
  }

  private void write(CommandLine command) throws IOException {
    CommandSpec spec = command.getCommandSpec();
    Help help = command.getHelp();
    String name = spec.qualifiedName("-");
    String synopsis = help.synopsis(0).strip();
    StringBuilder page = new StringBuilder();
    page.append(
        String.format(
            Locale.ROOT,
            ".TH %s 1 \"\" \"poolmark %s\"\n",
            literal(name.toUpperCase(Locale.ROOT)),
            version));
    page.append(".SH NAME\n").append(literal(name)).append(" \\- ");
    page.append(literal(help.description().strip().replaceAll("\\s+", " "))).append('\n');
    section(page, "SYNOPSIS", synopsis);
    section(page, "ARGUMENTS", help.parameterList());
    section(page, "OPTIONS", help.optionList());
    section(page, "COMMANDS", help.commandList());
    section(page, "NOTES", help.footer());
    if (spec.parent() == null) {
      section(page, "FILES", "~/.cache/poolmark, or poolmark in XDG_CACHE_HOME\n    What can be made again.");
    } else {
      page.append(".SH SEE ALSO\n.BR poolmark (1)\n");
    }
    Files.writeString(pages.resolve(name + ".1"), page);
  }

  /** The lines as they stand. */
  private static void section(StringBuilder page, String title, String text) {
    if (!text.isBlank()) {
      page.append(".SH ").append(title).append("\n.nf\n");
      page.append(
          text.stripTrailing()
              .lines()
              .dropWhile(String::isBlank)
              .map(Manual::literal)
              .collect(Collectors.joining("\n")));
      page.append("\n.fi\n");
    }
  }

  /** Without what roff takes for its own. */
  private static String literal(String line) {
    String escaped = line.replace("\\", "\\e").replace("-", "\\-");
    return escaped.startsWith(".") || escaped.startsWith("'") ? "\\&" + escaped : escaped;
  }
}
