package dev.poolmark.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.client.HttpResponse;
import io.vertx.junit5.VertxExtension;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Several servers, each a process of its own, on one PostgreSQL. Its clock is an hour ahead of
 * theirs, so none of them may go by its own.
 */
@ExtendWith(VertxExtension.class)
@TestInstance(Lifecycle.PER_CLASS)
class ClusterIT {

  private static final int RUNS = 60;

  private Postgres postgres;

  @BeforeAll
  void begin() throws Exception {
    postgres = Postgres.startWithClockAhead();
  }

  @AfterAll
  void end() throws Exception {
    postgres.close();
  }

  @Test
  void whereOneOfThreeNodesIsKilledEveryRunIsDoneOnceAndEveryWatcherHearsOfIt(Vertx vertx)
      throws Exception {
    String url = postgres.newDatabase("killed");
    try (ServerProcess a = node(url, "a");
        ServerProcess b = node(url, "b");
        ServerProcess c = node(url, "c")) {
      List<Client> clients =
          List.of(new Client(vertx, a), new Client(vertx, c), new Client(vertx, b));
      Wait.until(
          "three nodes on the bus",
          () ->
              clients
                  .get(0)
                  .get("/metrics")
                  .bodyAsString()
                  .contains("poolmark_bus_members{node=\"a\"} 3.0"));
      List<String> runs = new ArrayList<>();
      List<Future<List<JsonObject>>> watchers = new ArrayList<>();
      JsonObject request = new JsonObject().put("pooler", "sum").put("dataset", TestFiles.tiny());
      for (int i = 0; i < RUNS; i++) {
        String id = clients.get(i % 3).start(request);
        runs.add(id);
        watchers.add(watched(clients.get((i + 1) % 2), id));
      }
      Client left = clients.get(0);
      Wait.until(
          "the runs that b has a part in", () -> left.json("/info").getInteger("queued") <= 40);
      b.kill();
      for (Future<List<JsonObject>> watcher : watchers) {
        List<JsonObject> messages = Client.await(watcher);
        assertEquals("done", messages.get(messages.size() - 1).getString("type"));
      }
      Set<String> nodes = new HashSet<>();
      int again = 0;
      for (String id : runs) {
        JsonObject run = left.json("/runs/" + id);
        assertEquals("done", run.getString("status"), run.encode());
        assertEquals(200, clients.get(1).get("/runs/" + id + "/pairs").statusCode());
        nodes.add(run.getString("node"));
        again += run.getInteger("attempt") - 1;
      }
      assertTrue(again <= 1, "only what was in b's one lane is run again, found " + again);
      assertTrue(nodes.containsAll(Set.of("a", "c")), nodes.toString());
      assertEquals(RUNS, left.json("/runs?limit=1000").getJsonArray("runs").size());
      assertEquals("lost", state(left, "b"));
      Instant end = Instant.parse(left.json("/runs/" + runs.get(0)).getString("finished_at"));
      assertEquals(
          postgres.ahead().toMinutes(), Duration.between(Instant.now(), end).toMinutes(), 5);
    }
  }

  @Test
  void nodesAreRestartedOneAfterTheOtherAndNothingIsLostOrAnswered500(Vertx vertx)
      throws Exception {
    String url = postgres.newDatabase("rolling");
    List<String> names = List.of("a", "b", "c");
    Map<String, ServerProcess> nodes = new HashMap<>();
    Map<String, Client> clients = new ConcurrentHashMap<>();
    List<String> runs = new CopyOnWriteArrayList<>();
    Set<Integer> answers = ConcurrentHashMap.newKeySet();
    try {
      for (String name : names) {
        nodes.put(name, node(url, name));
        clients.put(name, new Client(vertx, nodes.get(name)));
      }
      String data = TestFiles.tiny();
      AtomicBoolean over = new AtomicBoolean();
      Thread asking = new Thread(() -> ask(clients, data, runs, answers, over));
      asking.start();
      try {
        for (String name : names) {
          int taken = runs.size();
          Wait.until("more runs", () -> runs.size() > taken + 5);
          assertEquals(143, nodes.get(name).terminate());
          nodes.put(name, node(url, name));
          clients.put(name, new Client(vertx, nodes.get(name)));
        }
      } finally {
        over.set(true);
        asking.join();
      }
      assertTrue(Set.of(200, 202, 503).containsAll(answers), answers.toString());
      for (String id : runs) {
        JsonObject run = clients.get("a").end(id);
        assertEquals("done", run.getString("status"), run.encode());
      }
    } finally {
      nodes.values().forEach(ServerProcess::close);
    }
  }

  /** Asks each node in turn until it is over; one that is just away answers nothing. */
  private static void ask(
      Map<String, Client> clients,
      String data,
      List<String> runs,
      Set<Integer> answers,
      AtomicBoolean over) {
    JsonObject request = new JsonObject().put("pooler", "sum").put("dataset", data);
    while (!over.get()) {
      for (Client client : clients.values()) {
        try {
          answers.add(client.get("/runs").statusCode());
          HttpResponse<Buffer> answer = client.post("/runs", request);
          answers.add(answer.statusCode());
          if (answer.statusCode() == 202) {
            runs.add(answer.bodyAsJsonObject().getString("id"));
          }
        } catch (IllegalStateException e) {
          continue; // the connection is refused, or was closed
        }
        pause();
      }
    }
  }

  private static void pause() {
    try {
      Thread.sleep(200);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void aNodeGoesOnWhenANewerOneHasChangedTheTablesAndAnotherOfItsAgeIsRefused(Vertx vertx)
      throws Exception {
    String url = postgres.newDatabase("newer");
    try (ServerProcess a = node(url, "a")) {
      Postgres.execute(
          url,
          "INSERT INTO poolmark_schema (installed_rank, version, description, type, script,"
              + " installed_by, execution_time, success)"
              + " VALUES (900, '900', 'newer', 'SQL', 'V900__newer.sql', 'poolmark', 1, TRUE)");
      assertRefused("schema version 900", refused("--cluster", "--node", "b", "--database", url));
      Client client = new Client(vertx, a);
      assertEquals(200, client.get("/ready").statusCode());
      JsonObject run =
          client.end(
              client.start(new JsonObject().put("pooler", "sum").put("dataset", TestFiles.tiny())));
      assertEquals("done", run.getString("status"), run.encode());
    }
  }

  /** What a watcher of a run is told until it is left. */
  private static Future<List<JsonObject>> watched(Client client, String id) {
    List<JsonObject> messages = new CopyOnWriteArrayList<>();
    return client.follow(id, messages::add).map(messages);
  }

  @Test
  void anyNodeAnswersAnything(Vertx vertx) throws Exception {
    String url = postgres.newDatabase("anything");
    Path plugins = TestFiles.folder("plugins");
    TestFiles.writeRogueJar(plugins.resolve("rogue.jar"));
    String[] options = {"--plugins", plugins.toString()};
    try (ServerProcess a = node(url, "a", options);
        ServerProcess b = node(url, "b", options)) {
      Client one = new Client(vertx, a);
      Client two = new Client(vertx, b);
      JsonObject slow =
          new JsonObject().put("pooler", "slow").put("dataset", "toy").put("batch_size", 1);
      List<String> runs = List.of(one.start(slow), one.start(slow));
      for (String id : runs) {
        Wait.until(
            "its start", () -> one.json("/runs/" + id).getString("status").equals("running"));
      }
      String far = runs.get(0);
      JsonObject run = one.json("/runs/" + far);
      Client other = run.getString("node").equals("a") ? two : one;
      Wait.until(
          "progress of another node's run",
          () -> told(other.json("/runs/" + far)).containsKey("pairs"));
      List<JsonObject> messages = new CopyOnWriteArrayList<>();
      Future<Integer> closed = other.follow(far, messages::add);
      Wait.until(
          "live progress of another node's run",
          () -> messages.stream().filter(message -> message.containsKey("pairs")).count() >= 2);
      String waits = one.start(slow);
      assertEquals(0, two.json("/runs/" + waits).getInteger("position"));
      assertEquals(202, two.delete("/runs/" + waits).statusCode());
      assertEquals(202, other.delete("/runs/" + far).statusCode());
      assertEquals(1000, Client.await(closed));
      assertEquals("cancelled", messages.get(messages.size() - 1).getString("type"));
      assertEquals("cancelled", one.json("/runs/" + far).getString("status"));
      assertEquals("cancelled", one.json("/runs/" + waits).getString("status"));

      // A node that is drained hands over what waits, and is gone at once.
      String rest = two.start(slow);
      two.delete("/runs/" + runs.get(1));
      assertEquals(143, b.terminate());
      Wait.until(
          "its start", () -> one.json("/runs/" + rest).getString("status").equals("running"));
      assertEquals("a", one.json("/runs/" + rest).getString("node"));
      assertEquals(1, one.json("/nodes").getJsonArray("nodes").size());
    }
  }

  /** A run's progress; empty where its node has told of none yet. */
  private static JsonObject told(JsonObject run) {
    JsonObject progress = run.getJsonObject("progress");
    return progress == null ? new JsonObject() : progress;
  }

  @Test
  void aNodeThatCannotJoinIsRefusedInOneLine() throws Exception {
    String url = postgres.newDatabase("refused");
    String own = postgres.newDatabase("own");
    String empty = postgres.newDatabase("empty");
    String foreign = postgres.newDatabase("strange");
    Postgres.execute(foreign, "CREATE TABLE customers (id INTEGER)");
    String sqlite = "jdbc:sqlite:" + TestFiles.folder("shared").resolve("runs.db");
    Path files = TestFiles.folder("hazelcast");
    String stranger = write(files.resolve("stranger.xml"), "stranger", "127.0.0.1:5701");
    String nobody = write(files.resolve("nobody.xml"), "nobody", "127.0.0.1:1");
    String none = Files.writeString(files.resolve("none.xml"), "members: a, b").toString();
    try (ServerProcess a = node(url, "a");
        ServerProcess alone = ServerProcess.start(TestFiles.folder("alone"), "--database", own)) {
      Map<String, Process> refused = new LinkedHashMap<>();
      refused.put("found SQLite", refused("--cluster", "--database", sqlite));
      refused.put("--cluster: expected", refused("--cluster"));
      refused.put("--node a", refused("--cluster", "--node", "a", "--database", url));
      refused.put("node 'a', heard of", refused("--database", url));
      refused.put("has --cluster", refused("--cluster", "--database", own));
      refused.put("something else: customers", refused("--cluster", "--database", foreign));
      refused.put(
          "role \"stranger\"",
          refused("--cluster", "--database", url.replace("user=poolmark", "user=stranger")));
      refused.put(
          "to be let in by node 'a'",
          refused("--cluster", "--cluster-config", stranger, "--database", url));
      refused.put(
          "nobody there", refused("--cluster", "--cluster-config", nobody, "--database", empty));
      refused.put(
          "none.xml: expected Hazelcast's configuration",
          refused("--cluster", "--cluster-config", none, "--database", empty));
      for (Map.Entry<String, Process> process : refused.entrySet()) {
        assertRefused(process.getKey(), process.getValue());
      }
    }
  }

  /** Hazelcast's own file. */
  private static String write(Path file, String cluster, String member) throws IOException {
    Files.writeString(
        file,
        """
        <hazelcast xmlns="http://www.hazelcast.com/schema/config">
          <cluster-name>%s</cluster-name>
          <network>
            <join>
              <auto-detection enabled="false"/>
              <tcp-ip enabled="true"><member>%s</member></tcp-ip>
            </join>
          </network>
        </hazelcast>
        """
            .formatted(cluster, member));
    return file.toString();
  }

  private static Process refused(String... options) throws IOException {
    return Wait.bounded(ServerProcess.process(TestFiles.folder("refused"), options).start());
  }

  private static void assertRefused(String told, Process process) throws Exception {
    String error = new String(process.getErrorStream().readAllBytes());
    assertEquals(3, process.waitFor(), error);
    assertEquals(1, error.strip().lines().count(), error);
    assertTrue(error.contains(told), error);
  }

  private static ServerProcess node(String url, String name, String... options) throws Exception {
    return ServerProcess.start(ServerProcess.node(url, name, options, "--drain", "1"));
  }

  private static String state(Client client, String node) {
    return client.json("/nodes").getJsonArray("nodes").stream()
        .map(JsonObject.class::cast)
        .filter(found -> found.getString("name").equals(node))
        .map(found -> found.getString("state"))
        .findFirst()
        .orElse("none");
  }
}
