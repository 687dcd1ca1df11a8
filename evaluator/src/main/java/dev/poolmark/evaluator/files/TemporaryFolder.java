package dev.poolmark.evaluator.files;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A temporary folder that goes with all that is in it. */
public final class TemporaryFolder implements AutoCloseable {

  private final Path path;

  public TemporaryFolder() throws IOException {
    try {
      path = Files.createTempDirectory("poolmark-");
    } catch (IOException e) {
      throw UnwrittenException.of(Path.of(System.getProperty("java.io.tmpdir")), e);
    }
  }

  /** Where it is. */
  public Path path() {
    return path;
  }

  /** The place of a file in it. */
  public Path resolve(String name) {
    return path.resolve(name);
  }

  @Override
  public void close() throws IOException {
    Trees.delete(path);
  }
}
