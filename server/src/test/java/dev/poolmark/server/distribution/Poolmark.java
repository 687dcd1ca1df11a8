package dev.poolmark.server.distribution;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** The command of a distribution, started in a process of its own that inherits nothing. */
final class Poolmark {

  /** One for all tests, so that encoders and sample are unpacked and encoded once. */
  private static final Path CACHES = temporaryFolder();

  private final Path command;
  private final Map<String, String> environment = new HashMap<>();

  private Poolmark(Path command) {
    this.command = command;
    environment.put("PATH", "/usr/local/bin:/usr/bin:/bin");
    environment.put("JAVA_HOME", System.getProperty("java.home"));
    environment.put("XDG_CACHE_HOME", CACHES.toString());
  }

  /** The one that was just built. */
  static Poolmark built() {
    return at(home().resolve("bin/poolmark"));
  }

  static Poolmark at(Path command) {
    return new Poolmark(command);
  }

  static Path home() {
    return Path.of(System.getProperty("poolmark.home", "target/poolmark")).toAbsolutePath();
  }

  /** What is unpacked and encoded once. */
  static Path caches() {
    return CACHES;
  }

  /** A copy with plugins of its own; the libraries are linked. */
  static Path copyTo(Path folder) throws IOException {
    Files.createDirectories(folder.resolve("bin"));
    Files.createDirectories(folder.resolve("plugins"));
    Files.createSymbolicLink(folder.resolve("lib"), home().resolve("lib"));
    Path script = Path.of("bin/poolmark");
    Files.copy(home().resolve(script), folder.resolve(script));
    folder.resolve(script).toFile().setExecutable(true);
    try (Stream<Path> plugins = Files.list(home().resolve("plugins"))) {
      for (Path plugin : plugins.toList()) {
        Files.copy(plugin, folder.resolve("plugins").resolve(plugin.getFileName()));
      }
    }
    return folder;
  }

  Poolmark with(String variable, String value) {
    environment.put(variable, value);
    return this;
  }

  Poolmark without(String variable) {
    environment.remove(variable);
    return this;
  }

  Outcome run(String... arguments) throws IOException, InterruptedException {
    return start(arguments).outcome();
  }

  Running start(String... arguments) throws IOException {
    List<String> line = new ArrayList<>(List.of(command.toString()));
    line.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(line);
    builder.environment().clear();
    builder.environment().putAll(environment);
    File stdout = File.createTempFile("stdout", null);
    File stderr = File.createTempFile("stderr", null);
    return new Running(
        builder.redirectOutput(stdout).redirectError(stderr).start(), stdout, stderr);
  }

  /** A process at work. */
  record Running(Process process, File stdout, File stderr) {

    Outcome outcome() throws IOException, InterruptedException {
      try {
        if (!process.waitFor(10, TimeUnit.MINUTES)) {
          throw new AssertionError(
              "expected an end, found it still running: " + Files.readString(stderr.toPath()));
        }
        return new Outcome(
            process.exitValue(),
            Files.readString(stdout.toPath()),
            Files.readString(stderr.toPath()));
      } finally {
        process.destroyForcibly();
        Files.delete(stdout.toPath());
        Files.delete(stderr.toPath());
      }
    }

    /** As by kill -9: nothing of the process gets a chance to tidy up. */
    void kill() throws InterruptedException {
      process.destroyForcibly().waitFor();
      discard();
    }

    /** Deletes what it said. */
    void discard() {
      stdout.delete();
      stderr.delete();
    }
  }

  private static Path temporaryFolder() {
    try {
      Path folder = Files.createTempDirectory("poolmark-it");
      Runtime.getRuntime().addShutdownHook(new Thread(() -> delete(folder)));
      return folder;
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private static void delete(Path folder) {
    try (Stream<Path> all = Files.walk(folder)) {
      all.sorted(Comparator.reverseOrder()).forEach(path -> path.toFile().delete());
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }
}
