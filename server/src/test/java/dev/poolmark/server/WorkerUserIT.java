package dev.poolmark.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import io.vertx.junit5.VertxExtension;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Poolers that run as another user than their server. */
@ExtendWith(VertxExtension.class)
@EnabledOnOs(OS.LINUX)
class WorkerUserIT {

  private static final String USER = "nobody";

  @BeforeAll
  static void onlyRootCanChangeToAUserWhoReadsTheBuild() throws Exception {
    assumeTrue(System.getProperty("user.name").equals("root"), "the tests don't run as root");
    assumeTrue(
        as(USER, List.of("test", "-r", TestFiles.distribution().resolve("lib").toString()))
                .start()
                .waitFor()
            == 0,
        "the build's folder is not open to others");
  }

  @Test
  void aPoolerOfTheOtherUserReadsNoneOfTheServersSecretsAndIsScoredAndEndedAsEver(
      Vertx vertx, @TempDir Path folder) throws Exception {
    Path home = open(folder);
    Path plugins = open(Files.createDirectories(home.resolve("plugins")));
    TestFiles.writeRogueJar(plugins.resolve("rogues.jar"));
    ProcessBuilder builder =
        ServerProcess.process(home, "--plugins", plugins.toString(), "--worker-user", USER)
            .redirectError(ProcessBuilder.Redirect.INHERIT);
    builder.environment().put("SOME_PASSWORD", "secret-1");
    try (ServerProcess server = ServerProcess.start(builder)) {
      Client client = new Client(vertx, server);
      String told = client.end(client.start("spies")).encode();
      assertTrue(told.contains("as nobody [environ: not read, runs.db: not read]"), told);
      assertFalse(told.contains("secret-1"), told);

      JsonObject scored = client.end(client.start("sum"));
      assertEquals("done", scored.getString("status"), scored::encode);
      assertTrue(
          client.get("/runs/" + scored.getString("id") + "/pairs").bodyAsString().length() > 0);

      String hanging = client.start("hangs");
      Wait.until(
          "the run's start",
          () -> client.json("/runs/" + hanging).getString("status").equals("running"));
      client.delete("/runs/" + hanging);
      assertEquals("cancelled", client.end(hanging).getString("status"));
      assertEquals(143, server.terminate());
    }
  }

  @Test
  void whatKeepsItFromRunningPoolersAsAnotherIsToldInOneLine(
      @TempDir Path folder, @TempDir Path other) throws Exception {
    Path home = open(folder);
    assertRefused(
        ServerProcess.process(home, "--worker-user", "nobody-at-all"),
        "--worker-user nobody-at-all: expected a user of this system, found none");
    assertRefused(
        ServerProcess.process(home, "--worker-user", "root"),
        "--worker-user root: expected a user who may less, found root");
    Path closed = Files.createDirectory(home.resolve("closed"));
    Files.setPosixFilePermissions(closed, PosixFilePermissions.fromString("rwx------"));
    assertRefused(
        ServerProcess.process(home, "--worker-user", USER, "--plugins", closed.toString()),
        "--worker-user nobody: expected that this user can read " + closed);
    Path own = open(other);
    Files.setOwner(
        own, own.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByName(USER));
    assertRefused(
        as(USER, ServerProcess.process(own, "--worker-user", USER).command()),
        "--worker-user nobody: expected to be root");
  }

  private static void assertRefused(ProcessBuilder builder, String told) throws Exception {
    Process process = Wait.bounded(builder.start());
    String error = new String(process.getErrorStream().readAllBytes());
    assertEquals(3, process.waitFor(), error);
    assertEquals(1, error.strip().lines().count(), error);
    assertTrue(error.contains(told), error);
  }

  private static ProcessBuilder as(String user, List<String> words) {
    List<String> all = new ArrayList<>(List.of("setpriv", "--reuid", user, "--clear-groups", "--"));
    all.addAll(words);
    return new ProcessBuilder(all);
  }

  /** Temporary folders are their owner's alone. */
  private static Path open(Path folder) throws IOException {
    return Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
  }
}
