package dev.poolmark.server.distribution;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The examples for authors of plugins, each built by its own project against the installed api. */
class ThirdPartyPluginIT {

  private static final Path JAR =
      Path.of(
          System.getProperty(
              "poolmark.tiny.plugin",
              "target/it-projects/tiny-plugin/target/tiny-plugin-1.2.3.jar"));

  /** No sentence has more than 12 tokens, so it is the sum. */
  private static final String FIRST_TOKENS = "first_tokens:tokens=12";

  @TempDir Path folder;
  private Path data;

  @BeforeEach
  void makeData() throws Exception {
    data = Data.random(folder.resolve("data"), 40, 8, 1);
  }

  @Test
  void itsJarInPluginsIsScoredByName() throws Exception {
    Path home = Poolmark.copyTo(folder.resolve("a copy"));
    Files.copy(JAR, home.resolve("plugins/tiny-plugin-1.2.3.jar"));
    assertScored(Poolmark.at(home.resolve("bin/poolmark")).run(score(FIRST_TOKENS, "sum")));
  }

  @Test
  void itsJarInAFolderOfItsOwnIsScoredByName() throws Exception {
    Path plugins = Files.createDirectories(folder.resolve("mine"));
    Files.copy(JAR, plugins.resolve("tiny-plugin-1.2.3.jar"));
    assertScored(Poolmark.built().run(score(FIRST_TOKENS, "sum", "--plugins", plugins.toString())));

    Outcome listing = Poolmark.built().run("poolers", "--plugins", plugins.toString()).expectDone();
    assertTrue(listing.stdout().contains("the sum of the first tokens"), listing.stdout());
    assertTrue(
        listing.stdout().contains("[tiny-plugin-1.2.3.jar, version 1.2.3]"), listing.stdout());
  }

  @Test
  void aPluginInKotlinBringsItsOwnLibrary() throws Exception {
    JsonNode reports = kotlin("power_sum:power=1", "sum").expectDone().json();
    JsonNode kotlin = reports.get(0);
    assertEquals("power_sum", kotlin.at("/pooler/name").asText());
    assertEquals("kotlin-plugin", kotlin.at("/pooler/plugin").asText());
    assertEquals("1.0.0", kotlin.at("/pooler/version").asText());
    assertEquals(
        reports.get(1).at("/quality/cosine_spearman").asDouble(),
        kotlin.at("/quality/cosine_spearman").asDouble());
    assertTrue(kotlin("power_sum:power=2", "sum").toString().contains("expected an odd number"));
  }

  private Outcome kotlin(String pooler, String other) throws Exception {
    String plugins =
        System.getProperty(
            "poolmark.kotlin.plugins", "target/it-projects/kotlin-plugin/target/plugins");
    return Poolmark.built().run(score(pooler, other, "--plugins", plugins));
  }

  private String[] score(String pooler, String other, String... more) {
    String[] line = {
      "score",
      "--data",
      data.toString(),
      "--dim",
      "8",
      "--cache",
      "none",
      "--format",
      "json",
      "--pooler",
      pooler,
      "--pooler",
      other
    };
    String[] all = java.util.Arrays.copyOf(line, line.length + more.length);
    System.arraycopy(more, 0, all, line.length, more.length);
    return all;
  }

  private static void assertScored(Outcome outcome) throws Exception {
    JsonNode reports = outcome.expectDone().json();
    JsonNode tiny = reports.get(0);
    assertEquals("first_tokens", tiny.at("/pooler/name").asText());
    assertEquals("tiny-plugin-1.2.3.jar", tiny.at("/pooler/plugin").asText());
    assertEquals("1.2.3", tiny.at("/pooler/version").asText());
    assertTrue(tiny.get("eligible").asBoolean());
    assertEquals(
        reports.get(1).at("/quality/cosine_spearman").asDouble(),
        tiny.at("/quality/cosine_spearman").asDouble());
  }
}
