package dev.poolmark.server.distribution;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The script behind {@code mvn -P figures}, on small data. */
class FiguresIT {

  private static final Path SOURCE = Path.of(System.getProperty("poolmark.source", ".."));
  private static final @Nullable String GIVEN = System.getenv("POOLMARK_PYTHON");
  private static final Poolmark PYTHON =
      Poolmark.at(Path.of(GIVEN == null ? "python3" : GIVEN)).with("PYTHONIOENCODING", "UTF-8");

  @TempDir Path folder;

  @Test
  void theFiguresOfTheManualsAreMeasuredAsMarkdownAndJson() throws Exception {
    boolean there =
        GIVEN != null
            && PYTHON
                    .run("-c", "import torch, numpy, scipy; assert torch.__version__ >= '2.3'")
                    .exitCode()
                == 0;
    assumeTrue("true".equals(System.getenv("CI")) || there, "no Python with torch and scipy");
    ManualData.write(folder, SOURCE);
    for (String kind : List.of("train", "dev")) {
      Poolmark.built()
          .run(
              "encode",
              "--pairs",
              folder.resolve("sts-" + kind + ".csv").toString(),
              "--out",
              folder.resolve(kind).toString())
          .expectDone();
    }
    Path json = folder.resolve("figures.json");
    Outcome figures =
        PYTHON.run(
            SOURCE.resolve("server/src/figures/figures.py").toString(),
            Poolmark.home().resolve("bin/poolmark").toString(),
            "end-to-end,engines",
            "--train=" + folder.resolve("train"),
            "--dev=" + folder.resolve("dev"),
            "--json=" + json,
            "--runs=1");
    assertEquals(0, figures.exitCode(), figures::toString);
    JsonNode measured = new ObjectMapper().readTree(json.toFile());
    assertEquals(2, measured.at("/end-to-end/figures").size(), figures::toString);
    assertEquals(4 * 3 * 4, measured.at("/engines/figures").size(), figures::toString);
    for (JsonNode row : measured.at("/engines/figures")) {
      assertTrue(row.path("java_ratio").asDouble() > 0, row::toString);
      assertTrue(row.path("python_us").asDouble() > 0, row::toString);
    }
    assertTrue(figures.stdout().contains("\n## engines\n"), figures::toString);
    assertTrue(figures.stdout().contains("\n| sum | fresh | 64 | "), figures::toString);
  }
}
