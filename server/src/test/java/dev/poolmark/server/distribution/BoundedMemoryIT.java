package dev.poolmark.server.distribution;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Data far larger than the heap. */
class BoundedMemoryIT {

  private static final int PAIRS = 3_000;
  private static final int LONGEST = 400;

  @TempDir Path folder;

  @Test
  void textLargerThanTheHeapIsScored() throws Exception {
    Path data = Data.large(folder.resolve("data"), PAIRS, LONGEST);
    long text = Files.size(data.resolve("first.txt")) + Files.size(data.resolve("second.txt"));
    assertTrue(text > 2 * (256L << 20), "a text of " + text + " bytes");

    JsonNode uncached = score(data, "none");
    JsonNode cached = score(data, folder.resolve("cache").toString());
    for (JsonNode report : new JsonNode[] {uncached, cached}) {
      assertEquals(PAIRS, report.at("/dataset/pairs").asInt());
      assertEquals(2L * ((PAIRS - 1) * 20 + LONGEST), report.at("/dataset/tokens").asLong());
      assertTrue(report.get("eligible").asBoolean());
    }
    assertEquals(uncached.at("/dataset/sha256"), cached.at("/dataset/sha256"));
    assertEquals(uncached.at("/quality/cosine_pearson"), cached.at("/quality/cosine_pearson"));
  }

  @Test
  void aSentenceTooLongForTheMemoryIsTold() throws Exception {
    Path data = Data.large(folder.resolve("data"), 70, LONGEST);
    Outcome outcome =
        Poolmark.built()
            .with("POOLMARK_JAVA_OPTS", "-XX:MaxDirectMemorySize=60m")
            .run("score", "--data", data.toString(), "--pooler", "sum", "--cache", "none");
    assertEquals(
        "data: expected batches that fit into memory, found one of 75 MiB; make batches smaller, or"
            + " sentences shorter",
        outcome.expectError(3));
  }

  private static JsonNode score(Path data, String cache) throws Exception {
    return Poolmark.built()
        .with("POOLMARK_JAVA_OPTS", "-Xmx256m")
        .run(
            "score",
            "--data",
            data.toString(),
            "--pooler",
            "sum",
            "--cache",
            cache,
            "--format",
            "json")
        .expectDone()
        .json()
        .get(0);
  }
}
