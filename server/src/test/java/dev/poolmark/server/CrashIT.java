package dev.poolmark.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.client.HttpResponse;
import io.vertx.junit5.VertxExtension;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Nothing is lost: not by {@code kill -9}, and not by SIGTERM. */
@ExtendWith(VertxExtension.class)
class CrashIT {

  /** By operation, what answers 503 while the database is away. */
  static final Map<String, Function<Client, Future<HttpResponse<Buffer>>>> WITHOUT_DATABASE =
      Map.ofEntries(
          Map.entry("listRuns", client -> client.request(HttpMethod.GET, "/runs").send()),
          Map.entry(
              "getRun", client -> client.request(HttpMethod.GET, "/runs/0123456789abcdef").send()),
          Map.entry(
              "cancelRun",
              client -> client.request(HttpMethod.DELETE, "/runs/0123456789abcdef").send()),
          Map.entry(
              "getRunPairs",
              client -> client.request(HttpMethod.GET, "/runs/0123456789abcdef/pairs").send()),
          Map.entry(
              "streamRun",
              client -> client.request(HttpMethod.GET, "/runs/0123456789abcdef/events").send()),
          Map.entry("watchRun", CrashIT::upgrade),
          Map.entry(
              "getLeaderboard", client -> client.request(HttpMethod.GET, "/leaderboard").send()),
          Map.entry(
              "describeRun",
              client ->
                  client
                      .request(HttpMethod.PATCH, "/runs/0123456789abcdef")
                      .sendJsonObject(new JsonObject())),
          Map.entry(
              "compareRuns",
              client -> client.request(HttpMethod.GET, "/comparison?runs=0123456789abcdef").send()),
          Map.entry("getResults", client -> client.request(HttpMethod.GET, "/results").send()),
          Map.entry("listNodes", client -> client.request(HttpMethod.GET, "/nodes").send()));

  private static Future<HttpResponse<Buffer>> upgrade(Client client) {
    return client
        .request(HttpMethod.GET, "/runs/0123456789abcdef/progress")
        .putHeader("Connection", "Upgrade")
        .putHeader("Upgrade", "websocket")
        .putHeader("Sec-WebSocket-Version", "13")
        .putHeader("Sec-WebSocket-Key", "AAAAAAAAAAAAAAAAAAAAAA==")
        .send();
  }

  /** Where runs are kept. */
  enum Database {
    SQLITE,
    POSTGRESQL
  }

  @ParameterizedTest
  @EnumSource
  void afterAKillEveryRunIsAccountedFor(Database database, Vertx vertx) throws Exception {
    Path home = TestFiles.folder("crash");
    try (Postgres postgres = database == Database.POSTGRESQL ? Postgres.start() : null) {
      String[] options =
          postgres == null ? new String[0] : new String[] {"--database", postgres.url()};
      List<String> runs = new ArrayList<>();
      String done;
      try (ServerProcess server = ServerProcess.start(home, options)) {
        Client client = new Client(vertx, server);
        done = client.start("mean");
        client.end(done);
        for (int i = 0; i < 6; i++) {
          runs.add(client.start(i % 2 == 0 ? "sum" : "mean"));
        }
        client.end(runs.get(0));
        server.kill();
      }
      try (ServerProcess server = ServerProcess.start(home, options)) {
        Client client = new Client(vertx, server);
        assertEquals("done", client.json("/runs/" + done).getString("status"));
        assertEquals("done", client.json("/runs/" + runs.get(0)).getString("status"));
        for (String run : runs) {
          JsonObject end = client.end(run);
          assertEquals("done", end.getString("status"), end.encode());
          assertEquals(
              1 + TestFiles.PAIRS,
              client.get("/runs/" + run + "/pairs").bodyAsString().split("\n").length);
        }
        JsonObject page = client.json("/runs?limit=4");
        assertEquals(4, page.getJsonArray("runs").size());
        String rest = "/runs?limit=4&next_page_token=" + page.getLong("next_page_token");
        assertEquals(3, client.json(rest).getJsonArray("runs").size());
        assertEquals(
            List.of("sum", "mean").size(),
            client.json("/leaderboard?dataset=toy").getJsonArray("entries").size());
      }
    }
  }

  @Test
  void aResultWaitsForADatabaseThatIsAway(Vertx vertx) throws Exception {
    Path plugins = TestFiles.folder("plugins");
    TestFiles.writeRogueJar(plugins.resolve("rogue.jar"));
    try (Postgres postgres = Postgres.start();
        ServerProcess server =
            ServerProcess.start(
                TestFiles.folder("away"),
                "--database",
                postgres.url(),
                "--plugins",
                plugins.toString())) {
      Client client = new Client(vertx, server);
      String id =
          client.start(
              new JsonObject().put("pooler", "slow").put("dataset", "toy").put("batch_size", 4));
      List<JsonObject> messages = new CopyOnWriteArrayList<>();
      Future<Integer> closed = client.follow(id, messages::add);
      await(messages, message -> message.containsKey("pairs"));
      postgres.goAway();
      await(messages, message -> "storing".equals(message.getString("phase")));
      JsonObject run = new JsonObject().put("pooler", "mean").put("dataset", "toy");
      assertEquals(503, client.post("/runs", run).statusCode());
      assertEquals(503, client.get("/ready").statusCode());
      assertEquals(200, client.get("/health").statusCode());
      WITHOUT_DATABASE.forEach(
          (operation, call) -> {
            HttpResponse<Buffer> answer = Client.await(call.apply(client));
            assertEquals(503, answer.statusCode(), operation);
            assertEquals("unavailable", answer.bodyAsJsonObject().getString("error_type"));
          });
      assertEquals(List.of(), messages.stream().filter(CrashIT::ended).toList());

      postgres.comeBack();
      assertEquals(1000, Client.await(closed));
      assertEquals("done", messages.get(messages.size() - 1).getString("type"));
      assertEquals("done", client.json("/runs/" + id).getString("status"));
      assertEquals(200, client.get("/runs/" + id + "/pairs").statusCode());
      assertEquals(200, client.get("/ready").statusCode());
      assertEquals("done", client.end(client.start("mean")).getString("status"));
      assertEquals(2, client.json("/runs").getJsonArray("runs").size());
    }
  }

  private static boolean ended(JsonObject message) {
    return List.of("done", "failed", "cancelled").contains(message.getString("type"));
  }

  private static void await(List<JsonObject> messages, Predicate<JsonObject> condition)
      throws Exception {
    Wait.until("a message", () -> messages.stream().anyMatch(condition));
  }

  @Test
  void whatADiskHasNoRoomForIsRefusedAndNothingIsLost(Vertx vertx) throws Exception {
    Path home = TestFiles.folder("full");
    String database = "jdbc:sqlite:" + home.resolve("small.db");
    List<String> taken = new ArrayList<>();
    try (ServerProcess server =
        ServerProcess.start(home, "--database", database + "?max_page_count=32")) {
      Client client = new Client(vertx, server);
      JsonObject run =
          new JsonObject().put("pooler", "mean").put("dataset", "toy").put("batch_size", 1);
      HttpResponse<Buffer> answer = client.post("/runs", run);
      while (answer.statusCode() == 202) {
        taken.add(answer.bodyAsJsonObject().getString("id"));
        answer = client.post("/runs", run);
      }
      assertEquals(503, answer.statusCode());
      assertTrue(answer.bodyAsString().contains("disk is full"), answer.bodyAsString());
      server.kill();
    }
    try (ServerProcess server = ServerProcess.start(home, "--database", database)) {
      Client client = new Client(vertx, server);
      assertEquals("done", client.end(taken.get(0)).getString("status"));
      assertEquals(taken.size(), client.json("/runs?limit=1000").getJsonArray("runs").size());
    }
  }

  @Test
  void sigtermLetsTheRunningRunEndAndKeepsTheQueue(Vertx vertx) throws Exception {
    Path home = TestFiles.folder("drain");
    String running;
    String queued;
    try (ServerProcess server = ServerProcess.start(home)) {
      Client client = new Client(vertx, server);
      running = client.start("mean");
      queued = client.start("sum");
      while (client.json("/runs/" + running).getString("status").equals("queued")) {
        Thread.onSpinWait();
      }
      assertEquals(143, server.terminate());
    }
    try (ServerProcess server = ServerProcess.start(home)) {
      Client client = new Client(vertx, server);
      assertEquals("done", client.json("/runs/" + running).getString("status"));
      assertEquals("done", client.end(queued).getString("status"));
    }
  }

  @Test
  void aSecondCtrlCEndsAServerThatStillWaits(Vertx vertx) throws Exception {
    Path plugins = TestFiles.folder("plugins");
    TestFiles.writeRogueJar(plugins.resolve("rogue.jar"));
    try (ServerProcess server =
        ServerProcess.start(
            TestFiles.folder("impatient"), "--drain", "3600", "--plugins", plugins.toString())) {
      Client client = new Client(vertx, server);
      String run = client.start("hangs");
      Wait.until(
          "the run", () -> client.json("/runs/" + run).getString("status").equals("running"));
      server.interrupt();
      Wait.until("the drain", () -> client.post("/runs", new JsonObject()).statusCode() == 503);
      assertTrue(server.isAlive(), "it waits for the run");
      server.interrupt();
      assertEquals(130, server.exitCode());
    }
  }
}
