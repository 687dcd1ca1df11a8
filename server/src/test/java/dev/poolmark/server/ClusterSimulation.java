package dev.poolmark.server;

import dev.poolmark.evaluator.worker.BrokenJars;
import dev.poolmark.evaluator.worker.Worker;
import dev.poolmark.evaluator.worker.WorkerProgram;
import dev.poolmark.evaluator.worker.WorkerRequest.Timing;
import dev.poolmark.server.cluster.Membership;
import dev.poolmark.server.cluster.Nodes;
import dev.poolmark.server.lane.Lane;
import dev.poolmark.server.run.Claimant;
import dev.poolmark.server.run.PathNames;
import dev.poolmark.server.run.Run;
import dev.poolmark.server.run.RunQueue;
import dev.poolmark.server.run.RunRequest;
import dev.poolmark.server.run.RunStore;
import dev.poolmark.server.run.RunTimes;
import dev.poolmark.server.run.Watcher;
import dev.poolmark.server.stock.Datasets;
import dev.poolmark.server.stock.Holdings;
import dev.poolmark.server.stock.Models;
import dev.poolmark.server.stock.Needs;
import dev.poolmark.server.stock.OwnStock;
import dev.poolmark.server.stock.Stock;
import dev.poolmark.server.store.Database;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.VerticleBase;
import io.vertx.core.Vertx;
import io.vertx.core.file.AsyncFile;
import io.vertx.core.file.OpenOptions;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;

/**
 * A hundred nodes on one real PostgreSQL, more than a machine can bear as servers. Each is a node's
 * own queue, store, place among the nodes and lane, on an event loop of this process. What is not
 * real is the lane's child, a small script that waits, and the bus, which stays in this process:
 * its messages are counted. Clients ask one node and watch another, and there are always enough of
 * them.
 */
final class ClusterSimulation {

  private static final int RUNS_A_NODE = 1000;
  private static final int CLIENTS_A_NODE = 2;
  private static final int INSERTS = 50;
  private static final String MACHINE = "simulated";
  private static final long CACHE_BYTES = 1 << 20;
  private static final RunRequest REQUEST =
      new RunRequest("sum", Datasets.SAMPLE, 64, Timing.DEFAULT, 60, null);

  /** Waits a tenth of a second, and hands over as much as a real one. */
  private static final String LANE =
      """
      #!/usr/bin/env perl
      use strict;
      open(my $events, '>', '/dev/fd/3') or die;
      my $scores = join('', map { sprintf("%.2f,%.6f\\n", rand(5), rand()) } 1..1379);
      my $filler = join(',', map { sprintf('%.6f', rand()) } 1..300);
      sub take {
        my ($size) = @_;
        my $bytes = '';
        while (length($bytes) < $size) {
          sysread(STDIN, $bytes, $size - length($bytes), length($bytes)) or exit 0;
        }
        return $bytes;
      }
      sub say_ { my ($event) = @_; syswrite($events, pack('N', length($event)) . $event); }
      while (1) {
        my $request = take(unpack('N', take(4)));
        next unless $request =~ /"type":"score"/;
        say_('{"type":"begun"}');
        say_('{"type":"running","progress":{"phase":"pooling"}}');
        select(undef, undef, undef, 0.1);
        my ($path) = $request =~ m{"pair_scores":"file://([^"]+)"};
        open(my $csv, '>', $path) or die;
        print $csv $scores;
        close($csv);
        say_('{"type":"scored","report":{"total":{"score":1},"filler":[' . $filler . ']},"passes":[]}');
      }
      """;

  private final Vertx vertx;
  private final LongAdder messages = new LongAdder();

  ClusterSimulation(Vertx vertx) {
    this.vertx = vertx;
  }

  void run() throws Exception {
    vertx
        .eventBus()
        .addInboundInterceptor(
            delivery -> {
              messages.increment();
              delivery.next();
            });
    try (Postgres postgres = Postgres.start()) {
      for (int count : new int[] {3, 10, 30, 100}) {
        simulate(postgres, postgres.newDatabase("simulated" + count), count);
      }
      behindMany(postgres.newDatabase("waiting"));
    }
  }

  private void simulate(Postgres postgres, String url, int count) throws Exception {
    List<Node> nodes = new ArrayList<>();
    AsyncFile nowhere = Client.await(vertx.fileSystem().open("/dev/null", new OpenOptions()));
    try {
      for (int number = 0; number < count; number++) {
        nodes.add(Node.deploy(vertx, url, "node" + number, true));
      }
      Clients clients = new Clients(nodes, nowhere, RUNS_A_NODE * count);
      Usage before = Usage.now(postgres, messages);
      clients.work();
      Usage used = Usage.now(postgres, messages).since(before);
      tell(url, count, clients, used);
    } finally {
      nodes.forEach(Node::undeploy);
      Client.await(nowhere.close());
    }
  }

  private static void tell(String url, int count, Clients clients, Usage used) throws Exception {
    Map<String, Long> ends = new HashMap<>();
    String kept =
        Database.look(
            url,
            db -> {
              Database.rows(
                  db,
                  row -> ends.put(row.getString("id"), row.getLong("finished_at")),
                  "SELECT id, finished_at FROM runs WHERE status = 'done'");
              return Database.rows(
                      db,
                      row -> "%d of them twice".formatted(row.getLong("again")),
                      "SELECT COALESCE(SUM(attempt - 1), 0) AS again FROM runs")
                  .get(0);
            });
    long[] delays =
        clients.told.entrySet().stream()
            .mapToLong(told -> told.getValue() - ends.get(told.getKey()))
            .sorted()
            .toArray();
    int runs = clients.runs;
    System.out.printf(
        "simulation: %d nodes: %d of %d runs done, %s, %.0f a second; from done to told p50 %d ms,"
            + " p99 %d ms, at most %d ms%n",
        count,
        ends.size(),
        runs,
        kept,
        runs / used.seconds,
        delays[delays.length / 2],
        delays[delays.length * 99 / 100],
        delays[delays.length - 1]);
    System.out.printf(
        "simulation: %d nodes: PostgreSQL used %.2f cores, %.2f ms a run, for %.1f transactions a"
            + " run; the nodes together %.2f cores; %.0f bus messages a second, %.1f a run%n",
        count,
        used.database / used.seconds,
        1000 * used.database / runs,
        used.transactions / runs,
        used.nodes / used.seconds,
        used.messages / used.seconds,
        used.messages / runs);
  }

  /** How long a run takes to come in when many wait. */
  private void behindMany(String url) throws Exception {
    Node node = Node.deploy(vertx, url, "node", false);
    try {
      for (int waiting : new int[] {0, 1_000, 10_000, 100_000}) {
        Postgres.execute(url, "DELETE FROM runs");
        Postgres.execute(
            url,
            "INSERT INTO runs (id, status, pooler, dataset, batch_size, engine, protocol,"
                + " timeout_seconds, created_at) SELECT md5(i::text), 'queued', 'sum', 'sample', 64,"
                + " 'java', 'fresh', 60, 0 FROM generate_series(1, "
                + waiting
                + ") AS i");
        Postgres.execute(url, "VACUUM ANALYZE runs");
        double[] millis = new double[INSERTS];
        for (int i = 0; i < INSERTS; i++) {
          long start = System.nanoTime();
          Promise<RunStore.Waiting> taken = Promise.promise();
          node.inside(() -> node.queue.submit(REQUEST, Needs.NOTHING).onComplete(taken));
          Client.await(taken.future());
          millis[i] = (System.nanoTime() - start) / 1e6;
        }
        Arrays.sort(millis);
        System.out.printf(
            "simulation: a new run behind %d others is taken in p50 %.1f ms%n",
            waiting, millis[INSERTS / 2]);
      }
    } finally {
      node.undeploy();
    }
  }

  /**
   * What was used until a moment.
   *
   * @param database seconds of its processes on a core
   * @param nodes the same of this process
   */
  private record Usage(
      double seconds, double database, double nodes, double transactions, double messages) {

    static Usage now(Postgres postgres, LongAdder messages) throws IOException {
      return new Usage(
          System.nanoTime() / 1e9,
          postgres.cpu().toNanos() / 1e9,
          ProcessHandle.current().info().totalCpuDuration().orElseThrow().toNanos() / 1e9,
          Database.look(
              postgres.url(),
              db ->
                  Database.rows(
                          db,
                          row -> row.getDouble(1),
                          "SELECT SUM(xact_commit) FROM pg_stat_database")
                      .get(0)),
          messages.sum());
    }

    Usage since(Usage before) {
      return new Usage(
          seconds - before.seconds,
          database - before.database,
          nodes - before.nodes,
          transactions - before.transactions,
          messages - before.messages);
    }
  }

  /** Each asks one node for a run, watches it on the next, and asks again when it has ended. */
  private static final class Clients {
    private final List<Node> nodes;
    private final AsyncFile nowhere;
    private final int runs;
    private final AtomicInteger asked = new AtomicInteger();
    private final CountDownLatch left;
    private final Map<String, Long> told = new ConcurrentHashMap<>();

    Clients(List<Node> nodes, AsyncFile nowhere, int runs) {
      this.nodes = nodes;
      this.nowhere = nowhere;
      this.runs = runs;
      this.left = new CountDownLatch(runs);
    }

    void work() throws InterruptedException {
      for (int i = 0; i < CLIENTS_A_NODE * nodes.size(); i++) {
        Node asked = nodes.get(i % nodes.size());
        Node watched = nodes.get((i + 1) % nodes.size());
        asked.inside(() -> next(asked, watched));
      }
      left.await();
    }

    private void next(Node asks, Node watches) {
      if (asked.getAndIncrement() < runs) {
        asks.queue
            .submit(REQUEST, Needs.NOTHING)
            .onSuccess(
                waiting ->
                    watches.inside(
                        () -> watch(waiting.run(), watches, () -> askAgain(asks, watches))))
            .onFailure(Throwable::printStackTrace);
      }
    }

    private void watch(Run run, Node watches, Runnable end) {
      watches.queue.watch(
          run,
          new Watcher(
              nowhere,
              message -> {
                if (message.contains("\"type\":\"done\"")) {
                  told.put(run.id(), System.currentTimeMillis());
                }
              },
              end));
    }

    private void askAgain(Node asks, Node watches) {
      left.countDown();
      asks.inside(() -> next(asks, watches));
    }
  }

  /** What a server has of the cluster, without its HTTP. */
  private static final class Node extends VerticleBase {

    private final Path home;
    private final Membership membership;
    private final Database database;
    private final boolean takesRuns;

    // From when it is deployed.
    @SuppressWarnings("NullAway.Init")
    private RunQueue queue;

    @SuppressWarnings("NullAway.Init")
    private Lane lane;

    private Node(Path home, Membership membership, Database database, boolean takesRuns) {
      this.home = home;
      this.membership = membership;
      this.database = database;
      this.takesRuns = takesRuns;
    }

    static Node deploy(Vertx vertx, String url, String name, boolean takesRuns) throws Exception {
      Path home = TestFiles.folder("simulated");
      Path program = Files.createDirectory(home.resolve("bin")).resolve("poolmark");
      Files.writeString(program, LANE);
      Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwxr-xr-x"));
      Membership membership = Membership.join(url, Optional.of(name), home, true, Optional.empty());
      Database database = Client.await(Database.connect(vertx, url));
      Node node = new Node(home, membership, database, takesRuns);
      Client.await(vertx.deployVerticle(node));
      return node;
    }

    @Override
    public Future<?> start() {
      Nodes nodes = new Nodes(vertx, database, membership);
      Worker worker =
          new Worker(
              WorkerProgram.of(home, List.of(), Long.MAX_VALUE),
              List.of(),
              new BrokenJars(jar -> {}));
      lane = new Lane(vertx, worker);
      queue =
          new RunQueue(
              vertx,
              new RunStore(database),
              new Claimant(membership.node(), MACHINE, membership.lease()),
              stock(),
              takesRuns ? List.of(lane) : List.of(),
              new PathNames(Map.of()),
              home,
              Integer.MAX_VALUE,
              new RunTimes(new SimpleMeterRegistry()));
      return nodes
          .begin(queue::draining, JsonObject::new)
          .compose(begun -> takesRuns ? queue.begin() : Future.succeededFuture());
    }

    private Stock stock() {
      Datasets datasets = new Datasets(Optional.empty(), home);
      Models models = new Models(home.resolve("models"));
      Holdings holdings = new Holdings(database, membership.node());
      OwnStock own = new OwnStock(vertx, holdings, datasets, models, List.of(), MACHINE);
      return new Stock(
          vertx, own, holdings, datasets, models, home, CACHE_BYTES, Optional.empty(), true);
    }

    void inside(Runnable work) {
      context.runOnContext(unused -> work.run());
    }

    void undeploy() {
      Client.await(vertx.undeploy(deploymentID()));
    }

    @Override
    public Future<?> stop() {
      lane.close();
      return database.close();
    }
  }
}
