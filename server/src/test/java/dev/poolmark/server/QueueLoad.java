package dev.poolmark.server;

import io.vertx.core.Vertx;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/** A thousand runs, and {@code kill -9} in the middle of them. */
final class QueueLoad {

  private static final int RUNS = 1000;
  private static final int KILL_AFTER = 300;

  private final Vertx vertx;

  QueueLoad(Vertx vertx) {
    this.vertx = vertx;
  }

  void run() throws Exception {
    Path home = TestFiles.folder("bench");
    TestFiles.tiny();
    Set<String> taken = new HashSet<>();
    Map<String, String> doneBefore;
    long start = System.nanoTime();
    try (ServerProcess server = ServerProcess.start(home)) {
      Client client = new Client(vertx, server);
      for (int i = 0; i < RUNS; i++) {
        taken.add(client.start(new JsonObject().put("pooler", "sum").put("dataset", "tiny")));
      }
      System.out.printf("queue: %d runs taken in %.1f s%n", RUNS, LoadBench.seconds(start));
      Wait.until(
          "runs that are done",
          () -> client.json("/info").getInteger("queued") <= RUNS - KILL_AFTER);
      doneBefore = ends(client);
      server.kill();
    }
    System.out.printf("queue: kill -9 when %d were done%n", doneBefore.size());
    try (ServerProcess server = ServerProcess.start(home)) {
      Client client = new Client(vertx, server);
      JsonObject info = client.json("/info");
      while (info.getInteger("queued") + info.getInteger("running") > 0) {
        Thread.sleep(250);
        info = client.json("/info");
      }
      account(client, taken, doneBefore, LoadBench.seconds(start));
    }
  }

  /** When each run that is done ended, by its id. */
  private static Map<String, String> ends(Client client) {
    Map<String, String> ends = new HashMap<>();
    for (Object run : client.json("/runs?limit=1000").getJsonArray("runs")) {
      JsonObject json = (JsonObject) run;
      if (json.getString("status").equals("done")) {
        ends.put(json.getString("id"), json.getString("finished_at"));
      }
    }
    return ends;
  }

  private static void account(
      Client client, Set<String> taken, Map<String, String> doneBefore, double seconds) {
    JsonArray runs = client.json("/runs?limit=1000").getJsonArray("runs");
    Map<String, Integer> counts = new HashMap<>();
    Set<String> found = new HashSet<>();
    for (Object run : runs) {
      JsonObject json = (JsonObject) run;
      counts.merge(json.getString("status"), 1, Integer::sum);
      found.add(json.getString("id"));
    }
    Map<String, String> doneNow = ends(client);
    long again =
        doneBefore.entrySet().stream()
            .filter(end -> !end.getValue().equals(doneNow.get(end.getKey())))
            .count();
    if (!found.equals(taken) || runs.size() != RUNS || again > 0) {
      throw new IllegalStateException(
          "%d runs, %d of them taken, %d done twice".formatted(runs.size(), taken.size(), again));
    }
    System.out.printf(
        "queue: %d runs accounted for, %s, none lost, none of the %d done before run again; %.0f s"
            + " from the first POST%n",
        runs.size(), counts, doneBefore.size(), seconds);
  }
}
