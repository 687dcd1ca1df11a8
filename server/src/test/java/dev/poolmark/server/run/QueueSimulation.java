package dev.poolmark.server.run;

import dev.poolmark.evaluator.worker.WorkerRequest.Timing;
import dev.poolmark.server.Postgres;
import dev.poolmark.server.stock.Needs;
import dev.poolmark.server.store.Database;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/**
 * Many nodes on one real PostgreSQL, in one process, with lanes that end at once: how fast the
 * database gives out runs and takes their ends. Each node has its own connection and event loop, as
 * a server has.
 */
public final class QueueSimulation {

  private static final int RUNS = 100_000;

  private QueueSimulation() {}

  /** Prints a line for each number of nodes. */
  public static void run() throws Exception {
    try (Postgres postgres = Postgres.start()) {
      for (int nodes : new int[] {1, 3, 10, 30, 100}) {
        simulate(postgres, "simulation" + nodes, nodes, nodes == 100 ? RUNS : RUNS / 10);
      }
    }
  }

  private static void simulate(Postgres postgres, String name, int count, int runs)
      throws Exception {
    String url = postgres.newDatabase(name);
    Database.once(url, db -> 0);
    Postgres.execute(
        url,
        "INSERT INTO runs (id, status, pooler, dataset, batch_size, engine, protocol,"
            + " timeout_seconds, created_at) SELECT md5(i::text), 'queued', 'sum', 'sample', 64,"
            + " 'java', 'fresh', 60, 0 FROM generate_series(1, "
            + runs
            + ") AS i");
    Postgres.execute(url, "ANALYZE runs");
    List<Node> nodes =
        IntStream.range(0, count).mapToObj(number -> Node.open(url, "node" + number)).toList();
    double insert = nodes.get(0).insertMillis();
    Duration cpu = postgres.cpu();
    long start = System.nanoTime();
    await(Future.all(nodes.stream().map(Node::work).toList()));
    double seconds = (System.nanoTime() - start) / 1e9;
    double busy = (postgres.cpu().toNanos() - cpu.toNanos()) / 1e9;
    long[] claims = nodes.stream().flatMapToLong(Node::claims).sorted().toArray();
    System.out.printf(
        "simulation: %d nodes, %d runs in %.1f s: %.0f a second; a claim p50 %.1f ms, p99 %.1f ms;"
            + " the database used %.2f cores; a new run behind all others took %.1f ms%n",
        count,
        nodes.stream().mapToInt(node -> node.ended.get()).sum(),
        seconds,
        runs / seconds,
        claims[claims.length / 2] / 1e6,
        claims[claims.length * 99 / 100] / 1e6,
        busy / seconds,
        insert);
    for (Node node : nodes) {
      await(node.vertx.close());
    }
  }

  private static <T> T await(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(30, TimeUnit.MINUTES);
  }

  private static final class Node {
    private final Vertx vertx;
    private final RunStore store;
    private final Claimant claimant;
    private final AtomicInteger ended = new AtomicInteger();
    private final ConcurrentLinkedQueue<Long> nanos = new ConcurrentLinkedQueue<>();

    private Node(Vertx vertx, RunStore store, Claimant claimant) {
      this.vertx = vertx;
      this.store = store;
      this.claimant = claimant;
    }

    static Node open(String url, String name) {
      Vertx vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1));
      Claimant claimant = new Claimant(name, "machine", Optional.of(Duration.ofSeconds(15)));
      try {
        return new Node(vertx, new RunStore(await(Database.connect(vertx, url))), claimant);
      } catch (Exception e) {
        throw new IllegalStateException(e);
      }
    }

    double insertMillis() throws Exception {
      RunRequest request = new RunRequest("sum", "sample", 64, Timing.DEFAULT, 60, null);
      List<Double> all = new ArrayList<>();
      for (int i = 0; i < 20; i++) {
        long start = System.nanoTime();
        await(store.insert(Run.newId(), request, Needs.NOTHING, claimant));
        all.add((System.nanoTime() - start) / 1e6);
      }
      return all.stream().sorted().toList().get(all.size() / 2);
    }

    Future<?> work() {
      long start = System.nanoTime();
      return store
          .claim(claimant)
          .compose(
              run -> {
                nanos.add(System.nanoTime() - start);
                return run.isEmpty() ? Future.succeededFuture() : end(run.get());
              });
    }

    private Future<?> end(Run run) {
      JsonObject report = new JsonObject().put("total", new JsonObject().put("score", 1.0));
      RunOutcome outcome = new RunOutcome(RunStatus.DONE, report, null, null, null, null);
      return store
          .finish(run, outcome)
          .compose(
              done -> {
                ended.incrementAndGet();
                return work();
              });
    }

    LongStream claims() {
      return Arrays.stream(nanos.stream().mapToLong(Long::longValue).toArray());
    }
  }
}
