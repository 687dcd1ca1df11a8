package dev.poolmark.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * A stranger's tool reads the published contract, makes requests of its own from it, and holds the
 * answers against it.
 */
class SchemathesisIT {

  /**
   * Which poolers, prompts and widths there are is no part of the contract, so what is valid by it
   * may be refused; and a request that is too large may be refused as such before its faults are
   * seen.
   */
  private static final String CONFIG =
      """
      [checks]
      positive_data_acceptance.expected-statuses = ["2xx", "404", "409", "413", "422", "424", "429"]
      negative_data_rejection.expected-statuses = ["400", "404", "413", "415", "422", "429", "431"]
      """;

  @Test
  void schemathesisHasNoComplaint() throws IOException, InterruptedException {
    Optional<Path> tool = tool();
    assertTrue(
        tool.isPresent() || System.getenv("CI") == null,
        "expected schemathesis at POOLMARK_SCHEMATHESIS, found none");
    assumeTrue(tool.isPresent(), "no schemathesis");
    Path folder = TestFiles.folder("schemathesis");
    Path config = Files.writeString(folder.resolve("schemathesis.toml"), CONFIG);
    try (ServerProcess server = ServerProcess.start(folder, "--max-client-batch-size", "8")) {
      Process process =
          new ProcessBuilder(
                  tool.get().toString(),
                  "--config-file",
                  config.toString(),
                  "run",
                  server.url() + "openapi.json",
                  "--checks",
                  "all",
                  "--max-response-time",
                  "60",
                  "--generation-deterministic",
                  "--max-examples",
                  "5",
                  "--phases",
                  "examples,coverage,fuzzing",
                  "--max-time",
                  "60",
                  "--exclude-operation-id",
                  "watchRun",
                  "--exclude-operation-id",
                  "streamRun",
                  "--request-timeout",
                  "60",
                  "--no-shrink",
                  "--warnings",
                  "off",
                  "--no-color")
              .directory(folder.toFile())
              .redirectErrorStream(true)
              .start();
      String told = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertTrue(process.waitFor(1, TimeUnit.MINUTES));
      assertEquals(0, process.exitValue(), told);
    }
  }

  private static Optional<Path> tool() {
    return Stream.of(
            Optional.ofNullable(System.getenv("POOLMARK_SCHEMATHESIS")).map(Path::of),
            Optional.ofNullable(System.getenv("POOLMARK_PYTHON"))
                .map(python -> Path.of(python).resolveSibling("st")))
        .flatMap(Optional::stream)
        .filter(Files::isExecutable)
        .findFirst();
  }
}
