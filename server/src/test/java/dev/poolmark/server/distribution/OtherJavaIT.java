package dev.poolmark.server.distribution;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.BufferedReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The distribution on another Java than the one that built it, whose home POOLMARK_OTHER_JAVA is.
 */
class OtherJavaIT {

  private static final boolean CI = "true".equals(System.getenv("CI"));

  @TempDir Path folder;
  private String home;

  @BeforeEach
  void findJava() {
    home = System.getenv("POOLMARK_OTHER_JAVA");
    assumeTrue(CI || home != null, "no other Java");
  }

  @Test
  void itScoresAndSaysNothingElse() throws Exception {
    Path data = Data.random(folder.resolve("data"), 40, 8, 1);
    Outcome outcome =
        Poolmark.built()
            .with("JAVA_HOME", home)
            .run(
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
                "sum",
                "--pooler",
                "attention:output_dim=4");
    JsonNode reports = outcome.expectDone().json();
    assertEquals(2, reports.size());
    String java = reports.get(0).at("/environment/java").asText();
    assertFalse(java.startsWith(System.getProperty("java.vm.version")), java);
    assertTrue(reports.get(1).get("eligible").asBoolean(), outcome::toString);
  }

  @Test
  void itServes() throws Exception {
    ProcessBuilder builder =
        new ProcessBuilder(
            Poolmark.home().resolve("bin/poolmark").toString(), "serve", "--port", "0");
    builder.environment().put("JAVA_HOME", home);
    builder.environment().put("POOLMARK_HOME", folder.resolve("home").toString());
    Path errors = folder.resolve("errors");
    Process server = builder.redirectError(errors.toFile()).start();
    try (BufferedReader out = server.inputReader()) {
      String url = out.readLine().replaceFirst("poolmark: listening on ", "");
      HttpRequest health = HttpRequest.newBuilder(URI.create(url + "poolers")).build();
      assertTrue(
          HttpClient.newHttpClient()
              .send(health, BodyHandlers.ofString())
              .body()
              .contains("attention"));
    } finally {
      server.destroy();
      assertTrue(server.waitFor(60, TimeUnit.SECONDS));
    }
    assertEquals("", Files.readString(errors));
  }
}
