package dev.poolmark.server;

import dev.poolmark.evaluator.files.UserFolders;
import dev.poolmark.evaluator.plugin.PluginCatalog;
import dev.poolmark.evaluator.text.SentenceEmbedder;
import dev.poolmark.evaluator.text.TextModel;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.UnaryOperator;

/**
 * The sentences of the bundled sample through {@code /embed}, against encoding them in one process;
 * and what runs and {@code /health} notice of it.
 */
final class TextLoad {

  private static final String SAMPLE = "/dev/poolmark/evaluator/encoding/sample-pairs.tsv";
  private static final int CORES = Runtime.getRuntime().availableProcessors();
  private static final int UNCOUNTED = 100;
  private static final int ROUNDS = 3;
  private static final int RUNS = 5;

  /** Clients, and texts a request. */
  private static final int[][] LOADS = {{1, 1}, {8, 1}, {32, 1}, {1, 64}};

  private static final JsonObject RUN =
      new JsonObject().put("pooler", "sum").put("dataset", "sample");

  private TextLoad() {}

  static void throughput() throws Exception {
    for (int cores = 1; cores <= CORES; cores += Math.max(1, CORES - 1)) {
      throughput(cores);
    }
  }

  /** In turn, so that what else the machine does falls on all alike; the medians count. */
  private static void throughput(int cores) throws Exception {
    List<String> texts = sample();
    double[] alone = new double[ROUNDS];
    double[][] served = new double[LOADS.length][ROUNDS];
    try (ServerProcess server =
        ServerProcess.start(TestFiles.folder("bench"), "--encoder-threads", "" + cores)) {
      post(server.port(), texts.subList(0, UNCOUNTED), 8, 1);
      for (int round = 0; round < ROUNDS; round++) {
        alone[round] = inProcess(cores);
        for (int load = 0; load < LOADS.length; load++) {
          long start = System.nanoTime();
          post(server.port(), texts, LOADS[load][0], LOADS[load][1]);
          served[load][round] = texts.size() / ((System.nanoTime() - start) / 1e9);
        }
      }
    }
    System.out.printf(
        "texts, %d core(s): %d in one process: %.0f a second%n",
        cores, texts.size(), median(alone));
    for (int load = 0; load < LOADS.length; load++) {
      System.out.printf(
          "texts, %d core(s): %d client(s), %d a request: %.0f a second, %.2f times as many%n",
          cores,
          LOADS[load][0],
          LOADS[load][1],
          median(served[load]),
          median(served[load]) / median(alone));
    }
  }

  private static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }

  private static List<String> sample() throws IOException {
    List<String> texts = new ArrayList<>();
    try (BufferedReader lines =
        new BufferedReader(
            new InputStreamReader(
                TextLoad.class.getResourceAsStream(SAMPLE), StandardCharsets.UTF_8))) {
      lines.lines().forEach(line -> texts.addAll(Arrays.asList(line.split("\t")).subList(0, 2)));
    }
    return texts;
  }

  /** Texts a second, by a process that has so many cores, and is as nice as the server's. */
  private static double inProcess(int cores) throws IOException {
    Process process =
        new ProcessBuilder(
                "nice",
                "-n",
                "5",
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:ActiveProcessorCount=" + cores,
                "-Dpoolmark.home=" + TestFiles.distribution(),
                "-cp",
                System.getProperty("java.class.path"),
                InProcess.class.getName())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    return Double.parseDouble(process.inputReader().readLine());
  }

  /** Encodes the sample, and prints how many texts a second. */
  static final class InProcess {

    private InProcess() {}

    public static void main(String[] args) throws IOException {
      PluginCatalog plugins =
          PluginCatalog.of(List.of(TestFiles.distribution().resolve("plugins")));
      try (TextModel model =
          TextModel.open(Optional.empty(), Optional.empty(), plugins, UserFolders.cache())) {
        SentenceEmbedder embedder = model.embedder(UnaryOperator.identity());
        List<String> texts = sample();
        embedder.embed(texts.subList(0, UNCOUNTED));
        long start = System.nanoTime();
        embedder.embed(texts);
        System.out.println(texts.size() / ((System.nanoTime() - start) / 1e9));
      }
    }
  }

  /** Posts all texts, each client one request after the other. */
  private static void post(int port, List<String> texts, int clients, int perRequest)
      throws Exception {
    ConcurrentLinkedQueue<ByteBuffer> bodies = new ConcurrentLinkedQueue<>();
    for (int from = 0; from < texts.size(); from += perRequest) {
      bodies.add(body(texts.subList(from, Math.min(from + perRequest, texts.size()))));
    }
    ExecutorService threads = Executors.newFixedThreadPool(clients);
    try {
      List<Future<Void>> ends = new ArrayList<>();
      for (int i = 0; i < clients; i++) {
        ends.add(
            threads.submit(
                () -> {
                  try (PlainHttp http = new PlainHttp(port)) {
                    for (ByteBuffer body; (body = bodies.poll()) != null; ) {
                      post(http, body);
                    }
                  }
                  return null;
                }));
      }
      for (Future<Void> end : ends) {
        end.get();
      }
    } finally {
      threads.shutdownNow();
    }
  }

  private static ByteBuffer body(List<String> texts) {
    JsonObject body = new JsonObject().put("inputs", new JsonArray(texts)).put("truncate", true);
    return ByteBuffer.wrap(body.encode().getBytes(StandardCharsets.UTF_8));
  }

  private static void post(PlainHttp http, ByteBuffer body) throws IOException {
    PlainHttp.Answer answer = http.post("/embed", "application/json", body);
    if (answer.status() != 200) {
      throw new IllegalStateException(answer.head());
    }
  }

  /** Runs in turn alone and beside texts that never end, while a probe asks for the health. */
  static void beside(Vertx vertx) throws Exception {
    List<String> texts = sample();
    try (ServerProcess server = ServerProcess.start(TestFiles.folder("bench"))) {
      Client client = new Client(vertx, server);
      client.end(client.start(RUN));
      post(server.port(), texts.subList(0, UNCOUNTED), 8, 1);
      List<Double> alone = new ArrayList<>();
      List<Double> beside = new ArrayList<>();
      for (int i = 0; i < RUNS; i++) {
        alone.add(ratio(client));
        try (Endless endless = new Endless(server.port(), texts);
            WatcherLoad.Probe probe = new WatcherLoad.Probe(server)) {
          beside.add(ratio(client));
          System.out.println("health beside texts and a run: " + probe.result());
        }
      }
      System.out.printf(
          "reference_ratio of sum, %d runs each: alone %s, beside texts %s%n",
          RUNS, spread(alone), spread(beside));
    }
  }

  private static String spread(List<Double> values) {
    return values.stream().sorted().map("%.3f"::formatted).toList().toString();
  }

  private static double ratio(Client client) {
    JsonObject report = client.end(client.start(RUN)).getJsonObject("report");
    return report.getJsonObject("time").getDouble("reference_ratio");
  }

  /** Eight clients that ask for embeddings until they are closed. */
  private static final class Endless implements AutoCloseable {

    private static final int CLIENTS = 8;

    private final AtomicBoolean over = new AtomicBoolean();
    private final ExecutorService threads = Executors.newFixedThreadPool(CLIENTS);

    Endless(int port, List<String> texts) {
      for (int i = 0; i < CLIENTS; i++) {
        int first = i;
        threads.submit(
            () -> {
              try (PlainHttp http = new PlainHttp(port)) {
                for (int text = first; !over.get(); text = (text + CLIENTS) % texts.size()) {
                  post(http, body(List.of(texts.get(text))));
                }
              }
              return null;
            });
      }
    }

    @Override
    public void close() {
      over.set(true);
      threads.shutdown();
    }
  }
}
