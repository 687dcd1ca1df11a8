package dev.poolmark.server;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/** {@code bin/poolmark serve} of the real distribution, on a free port. */
final class ServerProcess implements AutoCloseable {

  private static final String LISTENING = "poolmark: listening on ";

  private final Process process;
  private final URI url;

  private ServerProcess(Process process, URI url) {
    this.process = process;
    this.url = url;
  }

  /** Starts a server and waits until it listens. */
  static ServerProcess start(Path home, String... options) throws IOException {
    return start(process(home, options).redirectError(ProcessBuilder.Redirect.INHERIT));
  }

  /** The same, where standard error goes elsewhere, or the environment has more. */
  static ServerProcess start(ProcessBuilder builder) throws IOException {
    Process process = builder.start();
    Future<?> patience = Wait.killsUnlessCancelled(process);
    BufferedReader out = process.inputReader();
    for (String line = out.readLine(); line != null; line = out.readLine()) {
      if (line.startsWith(LISTENING)) {
        patience.cancel(false);
        return new ServerProcess(process, URI.create(line.substring(LISTENING.length())));
      }
    }
    throw new IOException("the server ended before it listened");
  }

  /** One of the servers that share a database. */
  static ProcessBuilder node(String url, String name, String[] options, String... more)
      throws IOException {
    List<String> words = new ArrayList<>(List.of("--cluster", "--database", url, "--node", name));
    words.addAll(List.of(options));
    words.addAll(List.of(more));
    return process(TestFiles.folder("node-" + name), words.toArray(String[]::new))
        .redirectError(ProcessBuilder.Redirect.INHERIT);
  }

  static ProcessBuilder process(Path home, String... options) throws IOException {
    List<String> words =
        new ArrayList<>(
            List.of(
                TestFiles.distribution().resolve("bin/poolmark").toString(),
                "serve",
                "--home",
                home.toString(),
                "--data-root",
                TestFiles.dataRoot().toString()));
    if (List.of(options).contains("--data-root")) {
      words.subList(words.size() - 2, words.size()).clear();
    }
    words.addAll(List.of(options));
    if (!words.contains("--port")) {
      words.addAll(List.of("--port", "0"));
    }
    return new ProcessBuilder(words);
  }

  /** Ends with a slash. */
  URI url() {
    return url;
  }

  int port() {
    return url.getPort();
  }

  long pid() {
    return process.pid();
  }

  /** The lanes, and whatever they started. */
  List<ProcessHandle> children() {
    return process.descendants().toList();
  }

  /** {@code kill -9}. */
  void kill() throws InterruptedException {
    process.destroyForcibly();
    process.waitFor();
  }

  /** SIGTERM. */
  void askToEnd() {
    process.destroy();
  }

  /** Ctrl-C. */
  void interrupt() throws IOException, InterruptedException {
    new ProcessBuilder("kill", "-INT", Long.toString(process.pid())).start().waitFor();
  }

  boolean isAlive() {
    return process.isAlive();
  }

  /** SIGTERM; returns the exit code. */
  int terminate() throws InterruptedException {
    askToEnd();
    return exitCode();
  }

  /** The exit code of one that is asked to end. */
  int exitCode() throws InterruptedException {
    if (!process.waitFor(60, TimeUnit.SECONDS)) {
      throw new AssertionError("expected the server to end, found it still running");
    }
    return process.exitValue();
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
