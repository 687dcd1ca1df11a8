package dev.poolmark.evaluator.submission;

import dev.poolmark.evaluator.plugin.BadSpecException;
import dev.poolmark.evaluator.torch.PoolerFault;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * A Python that can import torch.
 *
 * @param command its program
 */
public record Python(String command) {

  private static final String VARIABLE = "POOLMARK_PYTHON";

  /**
   * {@code POOLMARK_PYTHON} where that is set, else {@code python3} where it has torch.
   *
   * @throws BadSpecException when the variable names one without torch
   */
  public static Optional<Python> find() {
    String named = System.getenv(VARIABLE);
    Python python = new Python(named == null ? "python3" : named);
    if (python.hasTorch()) {
      return Optional.of(python);
    }
    if (named != null) {
      throw new BadSpecException(
          String.format(
              Locale.ROOT,
              "%s: expected a Python with torch, found none at '%s'",
              VARIABLE,
              named));
    }
    return Optional.empty();
  }

  /**
   * As {@link #find}, for what can't do without.
   *
   * @throws BadSpecException when there is none
   */
  public static Python needed() {
    return find()
        .orElseThrow(
            () ->
                new BadSpecException(
                    String.format(
                        Locale.ROOT,
                        "expected a Python with torch, python3 or the one that %s names, found none",
                        VARIABLE)));
  }

  private boolean hasTorch() {
    try {
      Process process =
          new ProcessBuilder(
                  command, "-c", "import importlib.util as u; assert u.find_spec('torch')")
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
      return waitFor(process) == 0;
    } catch (IOException e) {
      return false; // no such program
    }
  }

  /**
   * Runs a script.
   *
   * @return what it printed
   * @throws PoolerFault when it failed, with the last line of what it said
   */
  String run(Path script, Path... arguments) throws IOException {
    List<String> line = new ArrayList<>(List.of(command, script.toString()));
    List.of(arguments).forEach(argument -> line.add(argument.toString()));
    Path errors = Files.createTempFile(script.getParent(), "errors", ".txt");
    Process process = new ProcessBuilder(line).redirectError(errors.toFile()).start();
    String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (waitFor(process) != 0) {
      List<String> said = Files.readAllLines(errors);
      throw new PoolerFault(
          "the export fails in Python: "
              + (said.isEmpty() ? "no reason given" : said.get(said.size() - 1)));
    }
    return printed;
  }

  private static int waitFor(Process process) throws IOException {
    try {
      return process.waitFor();
    } catch (InterruptedException e) {
      process.destroy();
      Thread.currentThread().interrupt();
      throw new IOException("interrupted");
    }
  }
}
