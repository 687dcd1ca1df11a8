package dev.poolmark.evaluator.cli;

import dev.poolmark.evaluator.dataset.TokenStore;
import dev.poolmark.evaluator.files.CacheFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** How much is kept. */
final class CacheOptions {

  private static final String DEFAULT = CacheFolder.USUAL_SIZE;

  @Spec(Spec.Target.MIXEE)
  private CommandSpec command;

  @Option(
      names = "--cache-size",
      paramLabel = "SIZE",
      defaultValue = "${env:POOLMARK_CACHE_SIZE:-" + DEFAULT + "}",
      description =
          "How much is kept, for example 20G. What was used longest ago goes first (or"
              + " POOLMARK_CACHE_SIZE; "
              + DEFAULT
              + ").")
  private String size;

  /** The bytes; checked before anything is done. */
  long bytes() {
    try {
      return CacheFolder.bytes(size);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(command.commandLine(), "--cache-size: " + e.getMessage());
    }
  }

  /** Notes that a store of a cache folder is used, and lets go of what there is no room for. */
  TokenStore used(TokenStore store, Path folder) throws IOException {
    Path real = Files.isDirectory(folder) ? folder.toRealPath() : folder;
    for (Path entry = store.path().toAbsolutePath();
        entry.getParent() != null;
        entry = entry.getParent()) {
      if (Files.isDirectory(entry.getParent()) && entry.getParent().toRealPath().equals(real)) {
        CacheFolder.use(entry);
        new CacheFolder(folder).keepWithin(bytes());
        break;
      }
    }
    return store;
  }
}
