package dev.poolmark.evaluator.cli;

import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import dev.poolmark.evaluator.dataset.TokenStores;
import dev.poolmark.evaluator.files.CacheFolder;
import dev.poolmark.evaluator.files.Printable;
import dev.poolmark.evaluator.files.UserFolders;
import dev.poolmark.evaluator.safetensors.SafetensorsFile;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Tells what is kept, and lets go of it. */
@Command(
    name = "cache",
    mixinStandardHelpOptions = true,
    description =
        "List what is kept for the next time (parsed and encoded data, the sample, the unpacked"
            + " encoders), or delete it.")
final class CacheCommand implements Callable<Integer> {

  @Spec private CommandSpec spec;
  @Mixin private FormatOption format;
  @Mixin private CacheOptions size;

  @ArgGroup(multiplicity = "1")
  private What what;

  /** Either one. */
  static final class What {
    @Option(names = "--list", description = "List it, the last used first.")
    private boolean list;

    @Option(
        names = "--clear",
        description = "Delete all of it. It is made again when it is needed.")
    @SuppressWarnings("UnusedVariable") // as one of the three is given
    private boolean clear;

    @Option(names = "--trim", description = "Delete what --cache-size has no room for.")
    private boolean trim;
  }

  @Option(
      names = "--cache",
      paramLabel = "DIR",
      description = "The folder of the cache (poolmark in the user's folder of caches).")
  private @Nullable Path folder;

  @Override
  public Integer call() throws IOException {
    CacheFolder cache = new CacheFolder(folder == null ? UserFolders.cache() : folder);
    if (what.list) {
      print(cache, cache.entries(), "kept");
    } else {
      print(cache, what.trim ? cache.keepWithin(size.bytes()) : cache.clear(), "removed");
    }
    return ExitCode.DONE;
  }

  /** A line of the list. */
  @JsonNaming(SnakeCaseStrategy.class)
  private record Line(String entry, String name, long bytes, String used) {}

  private void print(CacheFolder cache, List<CacheFolder.Entry> entries, String done)
      throws IOException {
    List<Line> lines = entries.stream().map(CacheCommand::line).toList();
    PrintWriter out = spec.commandLine().getOut();
    if (format.isJson()) {
      out.println(FormatOption.json(lines));
      return;
    }
    lines.forEach(
        line ->
            out.printf(
                Locale.ROOT,
                "%10.1f MiB  %s  %-24s  %s%n",
                mebibytes(line.bytes()),
                line.used(),
                Printable.of(line.name()),
                line.entry()));
    out.printf(
        Locale.ROOT,
        "%s: %d %s, %.1f MiB, %s%n",
        cache.path(),
        entries.size(),
        entries.size() == 1 ? "entry" : "entries",
        mebibytes(entries.stream().mapToLong(CacheFolder.Entry::bytes).sum()),
        done);
  }

  private static Line line(CacheFolder.Entry entry) {
    return new Line(
        entry.path().getFileName().toString(),
        name(entry.path()),
        entry.bytes(),
        entry.used().truncatedTo(ChronoUnit.SECONDS).toString());
  }

  /** What the data set is called, for those who don't know its hash. */
  private static String name(Path entry) {
    Path store = Files.isDirectory(entry) ? entry.resolve(TokenStores.FILE_NAME) : entry;
    if (!Files.isRegularFile(store)) {
      return entry.getFileName().toString();
    }
    try (SafetensorsFile file = SafetensorsFile.open(store)) {
      return file.metadata().getOrDefault("name", "?");
    } catch (IOException e) {
      return "damaged";
    }
  }

  private static double mebibytes(long bytes) {
    return bytes / (double) (1 << 20);
  }
}
