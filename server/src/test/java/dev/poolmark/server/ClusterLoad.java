package dev.poolmark.server;

import io.vertx.core.Vertx;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.IntStream;

/**
 * Three nodes on one PostgreSQL. First how many runs a second one, two and three nodes end whose
 * poolers only wait. Then a thousand runs, while a node is killed, one is drained, PostgreSQL is
 * restarted and the bus is cut.
 */
final class ClusterLoad {

  private static final int WAITING_RUNS = 40;
  private static final int RUNS = 1000;
  private static final int CUT_SECONDS = 20;

  /** The bus of the node whose bus is cut; only root can do that. */
  private static final String CUT_OFF = "127.0.0.3";

  private final Vertx vertx;

  ClusterLoad(Vertx vertx) {
    this.vertx = vertx;
  }

  void throughput() throws Exception {
    try (Postgres postgres = Postgres.start()) {
      Path plugins = TestFiles.folder("plugins");
      TestFiles.writeRogueJar(plugins.resolve("rogue.jar"));
      double alone = 0;
      for (int count = 1; count <= 3; count++) {
        double rate = throughput(postgres.newDatabase("waiting" + count), count, plugins);
        alone = count == 1 ? rate : alone;
        System.out.printf(
            "cluster: %d nodes whose lanes wait: %.2f runs a second, %.2f times one node%n",
            count, rate, rate / alone);
      }
    }
  }

  void trouble() throws Exception {
    try (Postgres postgres = Postgres.start()) {
      trouble(postgres);
    }
  }

  private double throughput(String url, int count, Path plugins) throws Exception {
    List<ServerProcess> nodes = new ArrayList<>();
    try {
      for (int number = 0; number < count; number++) {
        nodes.add(node(url, "node" + number, "--plugins", plugins.toString()));
      }
      Client client = new Client(vertx, nodes.get(0));
      JsonObject request =
          new JsonObject().put("pooler", "sleeps").put("dataset", TestFiles.tiny());
      client.end(client.start(request)); // the data are known then
      long start = System.nanoTime();
      List<String> runs = new ArrayList<>();
      for (int i = 0; i < WAITING_RUNS; i++) {
        runs.add(client.start(request));
      }
      for (String id : runs) {
        client.end(id);
      }
      return WAITING_RUNS / LoadBench.seconds(start);
    } finally {
      nodes.forEach(ServerProcess::close);
    }
  }

  private void trouble(Postgres postgres) throws Exception {
    String url = postgres.newDatabase("troubled");
    long start = System.nanoTime();
    try (ServerProcess a = node(url, "a", bus("127.0.0.1"));
        ServerProcess b = node(url, "b", bus("127.0.0.2"));
        ServerProcess c = node(url, "c", bus(CUT_OFF))) {
      List<Client> clients =
          List.of(new Client(vertx, a), new Client(vertx, b), new Client(vertx, c));
      Wait.until(
          "three nodes on the bus",
          () -> members(clients.get(0)).contains("poolmark_bus_members{node=\"a\"} 3.0"));
      JsonObject request = new JsonObject().put("pooler", "sum").put("dataset", TestFiles.tiny());
      List<String> runs = new ArrayList<>();
      Map<String, List<String>> told = new HashMap<>();
      Map<String, Long> heard = new ConcurrentHashMap<>();
      for (int i = 0; i < RUNS; i++) {
        String id = clients.get(i % 3).start(request);
        runs.add(id);
        List<String> words = new CopyOnWriteArrayList<>();
        told.put(id, words);
        watch(clients.get((i + 1) % 3), clients.get(2), id, words, heard);
      }
      System.out.printf(
          "cluster: %d runs taken by three nodes in %.1f s%n", RUNS, LoadBench.seconds(start));
      Client left = clients.get(0);
      waitUntilLeft(left, 900);
      b.kill();
      System.out.println("cluster: node b killed");
      waitUntilLeft(left, 750);
      postgres.goAway();
      Thread.sleep(2000);
      postgres.comeBack();
      System.out.println("cluster: PostgreSQL was away for 2 s");
      waitUntilLeft(left, 600);
      boolean cut = cutBus("add");
      Thread.sleep(CUT_SECONDS * 1000L);
      if (cut) {
        System.out.printf("cluster: the bus of node c was cut for %d s%n", CUT_SECONDS);
        cutBus("del");
      }
      waitUntilLeft(left, 300);
      try (ServerProcess d = node(url, "d", bus("127.0.0.4"))) {
        int code = a.terminate();
        System.out.printf("cluster: node a drained, exit code %d, d took its place%n", code);
        Client last = clients.get(2);
        waitUntilLeft(last, 0);
        Wait.until(
            "the last run", () -> last.json("/runs?status=running").getJsonArray("runs").isEmpty());
        account(last, runs, told);
        tellDelays(last, heard);
      }
      System.out.printf("cluster: all of it took %.0f s%n", LoadBench.seconds(start));
    }
  }

  /** Where its node goes, a watcher asks another. */
  private static void watch(
      Client node, Client other, String id, List<String> words, Map<String, Long> heard) {
    node.follow(
            id,
            message -> {
              words.add(message.getString("type"));
              heard.put(id, System.currentTimeMillis());
            })
        .onComplete(
            closed -> {
              if (!words.contains("done")) {
                watch(other, other, id, words, heard);
              }
            });
  }

  private static void waitUntilLeft(Client client, int runs) throws Exception {
    while (true) {
      try {
        if (client.json("/info").getInteger("queued") <= runs) {
          return;
        }
      } catch (RuntimeException e) {
        // the database may be away
      }
      Thread.sleep(200);
    }
  }

  private static void account(Client client, List<String> runs, Map<String, List<String>> told) {
    JsonArray all = client.json("/runs?limit=1000").getJsonArray("runs");
    Map<String, Integer> counts = new TreeMap<>();
    Map<String, Integer> nodes = new TreeMap<>();
    Set<String> found = new HashSet<>();
    int again = 0;
    int reports = 0;
    for (Object one : all) {
      JsonObject run = (JsonObject) one;
      counts.merge(run.getString("status"), 1, Integer::sum);
      nodes.merge(run.getString("node"), 1, Integer::sum);
      found.add(run.getString("id"));
      again += run.getInteger("attempt") - 1;
      reports +=
          client.json("/runs/" + run.getString("id")).getJsonObject("report") == null ? 0 : 1;
    }
    long ends = told.values().stream().filter(words -> words.contains("done")).count();
    long twice =
        told.values().stream()
            .filter(words -> words.stream().filter("done"::equals).count() > 1)
            .count();
    System.out.printf(
        "cluster: %d of %d runs found, %s, on %s; %d reports; %d attempts more than runs%n",
        found.stream().filter(runs::contains).count(), runs.size(), counts, nodes, reports, again);
    System.out.printf(
        "cluster: %d of %d watchers heard of the end, %d of them twice%n",
        ends, runs.size(), twice);
  }

  /** From the commit of a run's end, by the database's clock, to the watcher's last message. */
  private static void tellDelays(Client client, Map<String, Long> heard) {
    long[] delays =
        client.json("/runs?limit=1000").getJsonArray("runs").stream()
            .map(JsonObject.class::cast)
            .filter(run -> heard.containsKey(run.getString("id")))
            .mapToLong(
                run ->
                    heard.get(run.getString("id"))
                        - Instant.parse(run.getString("finished_at")).toEpochMilli())
            .sorted()
            .toArray();
    System.out.printf(
        "cluster: from done to told p50 %d ms, p99 %d ms, at most %d ms%n",
        delays[delays.length / 2], delays[delays.length * 99 / 100], delays[delays.length - 1]);
  }

  private static boolean cutBus(String what) throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder("ip", "route", what, "blackhole", CUT_OFF, "table", "local")
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    boolean done = process.waitFor() == 0;
    if (!done) {
      System.out.println("cluster: the bus can't be cut here, which needs root and ip of iproute2");
    }
    return done;
  }

  /** A node whose bus is on an address of its own. */
  private static String[] bus(String host) throws IOException {
    Path file = TestFiles.folder("hazelcast").resolve("hazelcast.xml");
    StringBuilder members = new StringBuilder();
    IntStream.rangeClosed(1, 4)
        .forEach(number -> members.append("<member>127.0.0." + number + ":5801</member>"));
    Files.writeString(
        file,
        """
        <hazelcast xmlns="http://www.hazelcast.com/schema/config">
          <cluster-name>load</cluster-name>
          <properties>
            <property name="hazelcast.local.localAddress">%s</property>
            <property name="hazelcast.socket.bind.any">false</property>
          </properties>
          <network>
            <port auto-increment="false">5801</port>
            <interfaces enabled="true"><interface>%s</interface></interfaces>
            <join>
              <auto-detection enabled="false"/>
              <tcp-ip enabled="true">%s</tcp-ip>
            </join>
          </network>
        </hazelcast>
        """
            .formatted(host, host, members));
    return new String[] {"--cluster-config", file.toString()};
  }

  private static String members(Client client) {
    return client.get("/metrics").bodyAsString();
  }

  private static ServerProcess node(String url, String name, String... options) throws Exception {
    return ServerProcess.start(ServerProcess.node(url, name, options, "--max-queued", "2000"));
  }
}
