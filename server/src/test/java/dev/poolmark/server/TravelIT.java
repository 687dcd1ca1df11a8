package dev.poolmark.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import io.vertx.junit5.VertxExtension;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.extension.ExtendWith;

/** Data, models and plugins that not every node has. */
@ExtendWith(VertxExtension.class)
@TestInstance(Lifecycle.PER_CLASS)
class TravelIT {

  private Postgres postgres;

  @BeforeAll
  void begin() throws Exception {
    postgres = Postgres.start();
  }

  @AfterAll
  void end() throws Exception {
    postgres.close();
  }

  @Test
  void dataAndModelsTravelToTheNodeThatScoresAndPluginsDoNot(Vertx vertx) throws Exception {
    String url = postgres.newDatabase("travel");
    Path data = TestFiles.folder("data");
    Path toy = copy(TestFiles.dataRoot().resolve("toy"), data.resolve("far"));
    Path models = TestFiles.folder("models");
    TestFiles.writeDoublingModel(models.resolve("double"), TestFiles.DIM);
    Path plugins = TestFiles.folder("plugins");
    TestFiles.writeRogueJar(plugins.resolve("rogues.jar"));
    Path none = TestFiles.folder("nothing");
    Path cache = TestFiles.folder("cache-a");
    try (ServerProcess a = node(url, "a", cache, "--data-root", none.toString());
        ServerProcess b =
            node(
                url,
                "b",
                TestFiles.folder("cache-b"),
                "--data-root",
                data.toString(),
                "--models",
                models.toString(),
                "--plugins",
                plugins.toString())) {
      Client one = new Client(vertx, a);
      Client two = new Client(vertx, b);
      Wait.until("what b has", () -> one.json("/info").getJsonArray("models").size() == 1);
      assertTrue(one.get("/datasets").bodyAsString().contains("far"));

      JsonObject run =
          one.end(
              one.start(
                  new JsonObject()
                      .put("pooler", "models/double")
                      .put("dataset", "far")
                      .put("machine", "a")));
      assertEquals("done", run.getString("status"), run::encode);
      assertEquals("a", run.getString("node"));
      JsonObject report = run.getJsonObject("report");
      assertEquals("a", report.getJsonObject("environment").getString("node"));
      assertEquals("far", report.getJsonObject("dataset").getString("name"));
      String sha256 = report.getJsonObject("dataset").getString("sha256");
      assertEquals(sha256, run.getString("data_sha256"));
      assertTrue(Files.exists(cache.resolve("poolmark").resolve(sha256 + ".safetensors")));

      // A plugin stays where it is: only b takes the run, whichever node is asked.
      JsonObject slow = new JsonObject().put("pooler", "slow").put("dataset", "far");
      assertEquals("b", one.end(one.start(slow)).getString("node"));
      JsonObject bad = slow.copy().put("pooler", "slow:speed=9");
      assertEquals(422, one.post("/runs", bad).statusCode());
      JsonObject nobody = one.post("/runs", slow.copy().put("machine", "a")).bodyAsJsonObject();
      assertTrue(nobody.getString("obstacle").contains("the plugin of 'slow'"), nobody::encode);
      JsonObject unknown = one.post("/runs", slow.copy().put("machine", "moon")).bodyAsJsonObject();
      String obstacle = two.json("/runs/" + unknown.getString("id")).getString("obstacle");
      assertTrue(obstacle.contains("machine 'moon'"), obstacle);

      // Other data of the same name is other data.
      Path other = copy(toy, none.resolve("far"));
      Files.writeString(
          other.resolve("labels.txt"),
          Files.readString(other.resolve("labels.txt")).replaceFirst("^[0-9.]+", "2.5"));
      JsonObject changed =
          one.end(
              one.start(
                  new JsonObject().put("pooler", "sum").put("dataset", "far").put("machine", "b")));
      assertEquals("done", changed.getString("status"), changed::encode);
      String otherSha256 =
          changed.getJsonObject("report").getJsonObject("dataset").getString("sha256");
      assertFalse(otherSha256.equals(sha256), "b scored its own data of that name");
      assertEquals(changed.getString("data_sha256"), otherSha256);
    }
  }

  private static Path copy(Path from, Path to) throws Exception {
    Files.createDirectories(to);
    for (String name : List.of("first.txt", "second.txt", "labels.txt")) {
      Files.copy(from.resolve(name), to.resolve(name));
    }
    return to;
  }

  private static ServerProcess node(String url, String name, Path cache, String... options)
      throws Exception {
    ProcessBuilder builder = ServerProcess.node(url, name, options, "--drain", "0");
    builder.environment().put("XDG_CACHE_HOME", cache.toString());
    return ServerProcess.start(builder);
  }
}
