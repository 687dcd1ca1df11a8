package dev.poolmark.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.poolmark.evaluator.safetensors.SafetensorsFile;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.client.HttpResponse;
import io.vertx.junit5.VertxExtension;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** One server, its lane, and all that clients may do to them. */
@ExtendWith(VertxExtension.class)
class ServerIT {

  private static final boolean CI = "true".equals(System.getenv("CI"));
  private static final int LAST_CORE = Runtime.getRuntime().availableProcessors() - 1;

  private static Path home;
  private static Path plugins;
  private static Path models;
  private static ServerProcess server;
  private static Client client;

  @BeforeAll
  static void start(Vertx vertx) throws IOException {
    plugins = TestFiles.folder("plugins");
    models = TestFiles.folder("models");
    TestFiles.writeRogueJar(plugins.resolve("rogue.jar"));
    home = TestFiles.folder("home");
    server =
        ServerProcess.start(
            home,
            "--plugins",
            plugins.toString(),
            "--models",
            models.toString(),
            "--max-body",
            "8",
            "--lane-memory",
            "2048",
            "--pin-cores",
            Integer.toString(LAST_CORE));
    client = new Client(vertx, server);
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @Test
  void aRunIsQueuedScoredAndKept() {
    HttpResponse<Buffer> queued =
        client.post("/runs", new JsonObject().put("pooler", "mean").put("dataset", "toy"));
    assertEquals(202, queued.statusCode());
    String id = queued.bodyAsJsonObject().getString("id");
    assertEquals("/runs/" + id, queued.getHeader("Location"));
    assertEquals("queued", queued.bodyAsJsonObject().getString("status"));

    JsonObject run = client.end(id);
    assertEquals("done", run.getString("status"));
    assertEquals(
        TestFiles.PAIRS, run.getJsonObject("report").getJsonObject("dataset").getInteger("pairs"));
    assertNull(run.getString("error"));
    assertNotNull(run.getString("finished_at"));

    String[] pairs = client.get("/runs/" + id + "/pairs").bodyAsString().split("\n");
    assertTrue(pairs[0].contains("label") && pairs[0].contains("cosine"), pairs[0]);
    assertEquals(1 + TestFiles.PAIRS, pairs.length);
  }

  @Test
  void aRunIsTimedByTheEngineAndProtocolThatItAsksFor() {
    JsonObject asked =
        new JsonObject()
            .put("pooler", "cls")
            .put("dataset", "toy")
            .put("engine", "python")
            .put("protocol", "hot");
    JsonObject run = client.end(client.start(asked));
    assertEquals("done", run.getString("status"), run.encode());
    JsonObject time = run.getJsonObject("report").getJsonObject("time");
    assertEquals("python", time.getString("engine"));
    assertEquals("hot", time.getString("protocol"));
    assertEquals(
        run.getJsonObject("request").mergeIn(asked),
        run.getJsonObject("request"),
        "a run tells what was asked for");
    JsonObject board = client.json("/leaderboard?dataset=toy&protocol=hot");
    assertEquals("python", board.getJsonArray("entries").getJsonObject(0).getString("engine"));
    for (String field : List.of("engine", "protocol", "protocols")) {
      HttpResponse<Buffer> refused = client.post("/runs", asked.copy().put(field, "warm"));
      assertEquals(422, refused.statusCode(), field);
      assertEquals("validation", refused.bodyAsJsonObject().getString("error_type"));
    }
  }

  @Test
  void doneRunsAreRankedAndComparedAsTheCommandLineDoes() {
    List<String> runs = List.of(client.start("sum"), client.start("max"), client.start("sum"));
    runs.forEach(client::end);
    JsonObject told = client.json("/comparison?runs=" + String.join(",", runs));
    assertEquals(
        List.of("sum", "max", "sum (2)"),
        told.getJsonArray("runs").stream()
            .map(run -> ((JsonObject) run).getString("spec"))
            .toList());
    JsonArray differences = told.getJsonArray("differences");
    JsonObject max = differences.getJsonObject(0).getJsonObject("quality");
    double[] quality =
        runs.stream()
            .map(id -> client.json("/runs/" + id).getJsonObject("report").getJsonObject("quality"))
            .mapToDouble(found -> found.getDouble("score"))
            .toArray();
    assertEquals(quality[1] - quality[0], max.getDouble("points"), 1e-9);
    assertTrue(max.getJsonArray("ci95").getDouble(0) <= max.getDouble("points"));
    JsonObject same = differences.getJsonObject(1).getJsonObject("quality");
    assertEquals(0, same.getDouble("points"), "the same pooler on the same pairs");
    assertEquals(new JsonArray().add(0.0).add(0.0), same.getJsonArray("ci95"));
    JsonArray places = told.getJsonObject("ranking").getJsonArray("poolers");
    assertEquals(3, places.size());
    assertEquals(1, places.getJsonObject(0).getInteger("place"));
    JsonArray scenarios = told.getJsonObject("ranking").getJsonArray("scenarios");
    JsonArray regrets = told.getJsonArray("regrets");
    for (int s = 0; s < scenarios.size(); s++) {
      String best = scenarios.getJsonObject(s).getString("best");
      assertEquals(0, regret(regrets, best, s), "the best of a scenario loses nothing there");
    }
    for (Object each : places) {
      JsonObject place = (JsonObject) each;
      double most =
          IntStream.range(0, scenarios.size())
              .mapToDouble(s -> regret(regrets, place.getString("spec"), s))
              .max()
              .orElseThrow();
      assertEquals(place.getDouble("regret_max"), most, 1e-9);
    }
    JsonObject byHalf = told.getJsonObject("by_half");
    assertEquals(
        byHalf.getJsonArray("halves").size(),
        byHalf.getJsonArray("poolers").getJsonObject(2).getJsonArray("totals").size());
    assertEquals(404, client.get("/comparison?runs=0123456789abcdef").statusCode());
    assertEquals(422, client.get("/comparison?runs=mean").statusCode());
  }

  private static double regret(JsonArray regrets, String spec, int scenario) {
    return regrets.stream()
        .map(JsonObject.class::cast)
        .filter(pooler -> pooler.getString("spec").equals(spec))
        .findFirst()
        .orElseThrow()
        .getJsonArray("regrets")
        .getDouble(scenario);
  }

  @Test
  void allResultsAreWrittenAsTheCommandLineWritesThem() {
    client.end(client.start("mean"));
    String csv = client.get("/results?format=csv&dataset=toy").bodyAsString();
    assertTrue(csv.startsWith("epoch,steps,cosine_pearson,"), csv);
    assertTrue(csv.contains(",mean,"), csv);
    JsonArray mteb = client.get("/results?format=mteb&dataset=toy").bodyAsJsonArray();
    assertEquals("toy", mteb.getJsonObject(0).getString("task_name"));
    assertNotNull(mteb.getJsonObject(0).getJsonObject("scores").getJsonArray("test"));
    assertEquals(
        csv.lines().count() - 1, client.get("/results?dataset=toy").bodyAsJsonArray().size());
  }

  @Test
  void whatPeopleWriteBesideARunIsKeptAndFound() {
    String id = client.start("mean");
    client.end(id);
    JsonObject labels =
        new JsonObject()
            .put("name", "Baseline 100%")
            .put("notes", "two\nlines")
            .put("tags", new JsonArray().add("weekly").add("ä_b"))
            .put("pinned", true);
    HttpResponse<Buffer> changed = patch(id, labels);
    assertEquals(200, changed.statusCode(), changed.bodyAsString());
    patch(id, new JsonObject().put("notes", null));
    JsonObject run = client.json("/runs/" + id);
    assertEquals("Baseline 100%", run.getString("name"));
    assertNull(run.getString("notes"));
    assertEquals(labels.getJsonArray("tags"), run.getJsonArray("tags"));
    assertTrue(run.getBoolean("pinned"));
    assertEquals(List.of(id), found("q=BASELINE%20100%25"));
    assertEquals(List.of(id), found("tag=%C3%A4_b"));
    assertEquals(List.of(), found("tag=%C3%A4xb"));
    assertEquals(List.of(), found("q=baseline&status=failed"));
    assertEquals(List.of(id), found("q=baseline&status=ended&dataset=toy"));
    for (JsonObject bad :
        List.of(
            new JsonObject().put("tags", new JsonArray().add("a,b")),
            new JsonObject().put("name", 3),
            new JsonObject().put("colour", "red"))) {
      assertEquals(422, patch(id, bad).statusCode(), bad.encode());
    }
    assertEquals(404, patch("0123456789abcdef", labels).statusCode());
  }

  private static HttpResponse<Buffer> patch(String id, JsonObject change) {
    return Client.await(client.request(HttpMethod.PATCH, "/runs/" + id).sendJsonObject(change));
  }

  private static List<String> found(String query) {
    return client.json("/runs?" + query).getJsonArray("runs").stream()
        .map(run -> ((JsonObject) run).getString("id"))
        .toList();
  }

  @Test
  void aRunThatHasEndedIsDeletedWhereThatIsMeant() {
    String id = client.start("mean");
    client.end(id);
    assertEquals(409, client.delete("/runs/" + id).statusCode(), "that would be a cancel");
    assertEquals(202, client.delete("/runs/" + id + "?purge=true").statusCode());
    assertEquals(404, client.get("/runs/" + id).statusCode());
    assertEquals(404, client.get("/runs/" + id + "/pairs").statusCode());
    String open = client.start(slow());
    assertEquals(409, client.delete("/runs/" + open + "?purge=true").statusCode());
    client.delete("/runs/" + open);
    client.end(open);
  }

  @Test
  void theLeaderboardHasTheNewestDoneRunOfEachPoolerBestFirst() {
    client.end(client.start("sum"));
    String newest = client.start("sum");
    client.end(newest);
    client.end(client.start("cls"));
    JsonArray entries = client.json("/leaderboard?dataset=toy").getJsonArray("entries");
    List<JsonObject> all = entries.stream().map(JsonObject.class::cast).toList();
    assertEquals(
        List.of(newest),
        all.stream()
            .filter(entry -> entry.getString("pooler").equals("sum"))
            .map(entry -> entry.getString("run_id"))
            .toList());
    List<Double> totals =
        all.stream()
            .map(entry -> entry.getJsonObject("report").getJsonObject("total").getDouble("score"))
            .toList();
    assertEquals(totals.stream().sorted((a, b) -> Double.compare(b, a)).toList(), totals);
  }

  @Test
  void aWatcherGetsASnapshotThenProgressThenTheEndAndANormalClose() {
    JsonArray messages = client.watch(client.start(slow()));
    assertTrue(Set.of("queued", "progress").contains(type(messages, 0)), messages.encode());
    Set<Integer> pairs =
        messages.stream()
            .filter(message -> message instanceof JsonObject json && json.containsKey("pairs"))
            .map(message -> ((JsonObject) message).getInteger("pairs"))
            .collect(Collectors.toSet());
    assertTrue(pairs.size() >= 3, messages.encode());
    assertEquals("done", type(messages, messages.size() - 2));
    assertNotNull(messages.getJsonObject(messages.size() - 2).getJsonObject("report"));
    assertEquals(1000, messages.getInteger(messages.size() - 1));
  }

  @Test
  void aWatcherWhoComesLateGetsTheEndAlone() {
    String id = client.start("mean");
    client.end(id);
    JsonArray messages = client.watch(id);
    assertEquals(2, messages.size(), messages.encode());
    assertEquals("done", type(messages, 0));
    assertEquals(1000, messages.getInteger(1));
  }

  @Test
  void serverSentEventsTellTheSame() {
    String body = client.get("/runs/" + client.start(slow()) + "/events").bodyAsString();
    List<JsonObject> events =
        body.lines()
            .filter(line -> line.startsWith("data: "))
            .map(line -> new JsonObject(line.substring("data: ".length())))
            .toList();
    assertTrue(events.size() >= 4, body);
    assertEquals("done", events.get(events.size() - 1).getString("type"));
  }

  @Test
  void aRunningRunAndAQueuedOneCanBeCancelled() {
    String running = client.start(slow());
    String queued = client.start("mean");
    assertEquals(202, client.delete("/runs/" + queued).statusCode());
    assertEquals("cancelled", client.json("/runs/" + queued).getString("status"));
    assertEquals(202, client.delete("/runs/" + running).statusCode());
    assertEquals("cancelled", client.end(running).getString("status"));
    assertEquals(409, client.delete("/runs/" + running).statusCode());
    assertEquals("done", client.end(client.start("mean")).getString("status"));
  }

  /**
   * Right after the POST, while the start is committed, in the lane, while the end is committed.
   */
  @Test
  void aCancelThatWasTakenIsTheRunsEndWheneverItCame() {
    long seed = Long.getLong("poolmark.seed", System.nanoTime());
    Random random = new Random(seed);
    client.end(client.start("mean"));
    String replaced = lanesReplaced();
    for (int i = 0; i < 40; i++) {
      String told = "-Dpoolmark.seed=" + seed + ", run " + i;
      String id = client.start(i % 4 == 3 ? "sum" : "mean");
      LockSupport.parkNanos(i < 20 ? 0 : random.nextLong(900_000_000));
      int answer = client.delete("/runs/" + id).statusCode();
      String end = client.end(id).getString("status");
      assertEquals(answer == 202 ? "cancelled" : "done", end, told);
      assertTrue(i >= 20 || answer == 202, told);
    }
    assertEquals(replaced, lanesReplaced(), "no lane is killed for a cancel");
    assertEquals("done", client.end(client.start("mean")).getString("status"));
  }

  private static String lanesReplaced() {
    return client
        .get("/metrics")
        .bodyAsString()
        .lines()
        .filter(line -> line.startsWith("poolmark_lanes_replaced_total{lane=\"runs\"}"))
        .findFirst()
        .orElseThrow();
  }

  @ParameterizedTest
  @CsvSource({
    "exits, exit code 7",
    "halts, exit code 8",
    "crashes, exit code 134",
    "hangs, within 3 seconds",
    "hangs_natively, within 3 seconds",
    "grows, at most 2048 MiB of memory",
    "throws, its forward pass failed"
  })
  void aRoguePoolerCostsItsOwnRunAndNothingElse(String pooler, String finding) {
    JsonObject run =
        client.end(
            client.start(
                new JsonObject()
                    .put("pooler", pooler)
                    .put("dataset", "toy")
                    .put("timeout_seconds", pooler.startsWith("hangs") ? 3 : 60)));
    assertEquals("failed", run.getString("status"));
    assertTrue(run.getString("error").contains(finding), run.getString("error"));
    assertEquals("done", client.end(client.start("mean")).getString("status"));
  }

  @Test
  void whatAPoolerPrintsIsNoEvent() {
    JsonObject run = client.end(client.start("prints"));
    assertEquals("done", run.getString("status"), run.encode());
    assertNotNull(run.getJsonObject("report"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{bad | 400 | malformed",
        "[] | 422 | validation",
        "{} | 422 | validation",
        "{\"pooler\":3} | 422 | validation",
        "{\"pooler\":\"mean\",\"batch_size\":0} | 422 | validation",
        "{\"pooler\":\"mean\",\"colour\":\"red\"} | 422 | validation",
        "{\"pooler\":\"nobody\"} | 422 | validation",
        "{\"pooler\":\"/etc/x.pt\"} | 422 | validation",
        "{\"pooler\":\"models/../../x.pt\"} | 422 | validation",
        "{\"pooler\":\"mean\",\"dataset\":\"../toy\"} | 422 | validation",
        "{\"pooler\":\"mean\",\"dataset\":\"nothing\"} | 422 | validation",
      })
  void aBadRequestForARunIsRefused(String body, int status, String type) {
    HttpResponse<Buffer> answer = client.post("/runs", "application/json", Buffer.buffer(body));
    assertError(answer, status, type);
    assertEquals(200, client.get("/health").statusCode());
  }

  @Test
  void unknownPathsMethodsRunsAndMediaTypesAreRefused() {
    assertError(client.get("/nowhere"), 404, "not_found");
    assertError(client.get("/runs/0123456789abcdef"), 404, "not_found");
    assertError(client.get("/runs?limit=0"), 422, "validation");
    assertError(client.get("/runs?limit=x"), 422, "validation");
    assertError(client.get("/runs/x/progress"), 400, "malformed");
    assertError(
        Client.await(client.request(HttpMethod.PUT, "/runs").send()), 405, "method_not_allowed");
    assertError(
        client.post("/pool", "text/plain", Buffer.buffer("x")), 415, "unsupported_media_type");
  }

  @Test
  void bodiesThatAreTooLargeAreRefused() {
    Buffer large = Buffer.buffer(new byte[9 << 20]);
    assertError(client.post("/runs", "application/json", large), 413, "too_large");
    assertError(client.post("/pool", "application/json", large), 413, "too_large");
    assertError(
        client.post("/pool?pooler=mean", "application/octet-stream", large), 413, "too_large");
    assertEquals(200, client.get("/health").statusCode());
  }

  @Test
  void aLaneThatIsKilledFromOutsideCostsItsRunAndNothingElse() throws Exception {
    String id = client.start(slow());
    // A run that is running may still wait for its child.
    CountDownLatch scoring = new CountDownLatch(1);
    client.follow(
        id,
        message -> {
          if (message.getInteger("pairs", 0) > 0) {
            scoring.countDown();
          }
        });
    assertTrue(scoring.await(2, TimeUnit.MINUTES));
    server.children().forEach(ProcessHandle::destroyForcibly);
    JsonObject run = client.end(id);
    assertEquals("failed", run.getString("status"));
    assertTrue(run.getString("error").contains("exit code 137"), run.getString("error"));
    assertEquals("done", client.end(client.start("mean")).getString("status"));
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void aLanesScoringThreadIsPinned() throws IOException {
    client.end(client.start("mean"));
    Set<String> allowed = new HashSet<>();
    for (ProcessHandle child : server.children()) {
      try (DirectoryStream<Path> threads =
          Files.newDirectoryStream(Path.of("/proc", Long.toString(child.pid()), "task"))) {
        for (Path thread : threads) {
          allowed.add(cores(thread.resolve("status")));
        }
      }
    }
    assertTrue(allowed.contains(Integer.toString(LAST_CORE)), allowed.toString());
  }

  private static String cores(Path status) {
    try (Stream<String> lines = Files.lines(status)) {
      return lines
          .filter(line -> line.startsWith("Cpus_allowed_list:"))
          .map(line -> line.replaceAll(".*\\s", ""))
          .findFirst()
          .orElse("");
    } catch (IOException | UncheckedIOException e) {
      return ""; // the thread has ended
    }
  }

  @Test
  void socketsThatAreSilentHalfOpenOrTrickleHoldUpNobody() throws IOException {
    List<Socket> sockets = new ArrayList<>();
    try {
      for (int i = 0; i < 100; i++) {
        sockets.add(open(""));
        sockets.add(open("POST /pool HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-"));
        sockets.add(
            open(
                "POST /pool HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
                    + "Content-Length: 1000\r\n\r\n{"));
      }
      String id = client.start("mean");
      for (int i = 0; i < 10; i++) {
        for (Socket socket : sockets) {
          socket.getOutputStream().write('a');
        }
        assertEquals(200, client.get("/health").statusCode());
      }
      assertEquals("done", client.end(id).getString("status"));
    } finally {
      for (Socket socket : sockets) {
        socket.close();
      }
    }
    await(() -> bodiesUnderWay() == 0);
  }

  private static Socket open(String sent) throws IOException {
    Socket socket = new Socket("127.0.0.1", server.port());
    socket.getOutputStream().write(sent.getBytes());
    return socket;
  }

  private static long bodiesUnderWay() {
    try (Stream<Path> files = Files.list(home.resolve("scratch"))) {
      return files.filter(file -> file.getFileName().toString().startsWith("pool-")).count();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void await(BooleanSupplier condition) {
    long deadline = System.nanoTime() + 30_000_000_000L;
    while (!condition.getAsBoolean()) {
      assertTrue(System.nanoTime() < deadline, "waited in vain");
      LockSupport.parkNanos(20_000_000);
    }
  }

  @Test
  void otherOriginsAndNamesAreRefused() {
    assertError(
        Client.await(
            client
                .request(HttpMethod.POST, "/poolers/rescan")
                .putHeader("Origin", "http://evil.example")
                .send()),
        403,
        "forbidden");
    assertError(
        Client.await(
            client.request(HttpMethod.GET, "/runs").putHeader("Host", "evil.example").send()),
        403,
        "forbidden");
    assertError(
        Client.await(
            client
                .request(HttpMethod.GET, "/runs/x/progress")
                .putHeader("Origin", "http://evil.example")
                .putHeader("Connection", "Upgrade")
                .putHeader("Upgrade", "websocket")
                .send()),
        403,
        "forbidden");
  }

  @Test
  void headTellsWhatGetWouldWithoutTheBody() {
    for (String path : List.of("/", "/health", "/runs", "/page/app.js", "/docs")) {
      HttpResponse<Buffer> head = Client.await(client.request(HttpMethod.HEAD, path).send());
      assertEquals(200, head.statusCode(), path);
      assertNull(head.body(), path);
      assertEquals(client.get(path).getHeader("Content-Type"), head.getHeader("Content-Type"));
    }
    assertEquals(
        404, Client.await(client.request(HttpMethod.HEAD, "/nowhere").send()).statusCode());
  }

  @Test
  void answersCarryTheSecurityHeaders() {
    for (String path : List.of("/", "/health", "/nowhere", "/docs")) {
      HttpResponse<Buffer> answer = client.get(path);
      assertTrue(answer.getHeader("Content-Security-Policy").contains("default-src 'self'"));
      assertEquals("nosniff", answer.getHeader("X-Content-Type-Options"));
      assertEquals("DENY", answer.getHeader("X-Frame-Options"));
    }
  }

  @Test
  void aJarThatIsDroppedInIsFoundByARescan() throws IOException {
    Path broken = plugins.resolve("broken.jar");
    Files.writeString(broken, "no jar");
    assertTrue(!client.json("/poolers").encode().contains("broken.jar"));
    JsonObject rescanned =
        client.post("/poolers/rescan", "text/plain", Buffer.buffer()).bodyAsJsonObject();
    assertTrue(
        rescanned.getJsonArray("broken").encode().contains("broken.jar"), rescanned.encode());
    assertTrue(rescanned.getJsonArray("poolers").encode().contains("\"slow\""));
    Files.delete(broken);
    client.post("/poolers/rescan", "text/plain", Buffer.buffer());
  }

  @Test
  void sentencesArePooledAsJsonAndAsSafetensorsAlike() throws IOException {
    JsonArray inputs =
        new JsonArray()
            .add(new JsonArray().add(token(1)).add(token(3)))
            .add(new JsonArray().add(token(5)));
    HttpResponse<Buffer> json =
        client.post("/pool", new JsonObject().put("pooler", "mean").put("inputs", inputs));
    assertEquals(200, json.statusCode(), json.bodyAsString());
    JsonArray embeddings = json.bodyAsJsonObject().getJsonArray("embeddings");
    assertEquals(2, embeddings.size());
    assertEquals(2, embeddings.getJsonArray(0).getDouble(0), 1e-6);
    assertEquals(5, embeddings.getJsonArray(1).getDouble(767), 1e-6);

    HttpResponse<Buffer> binary =
        client.post("/pool?pooler=mean", "application/octet-stream", safetensors(2, 1));
    assertEquals(200, binary.statusCode(), binary.bodyAsString());
    Path answer = TestFiles.folder("answer").resolve("answer.safetensors");
    Files.write(answer, binary.body().getBytes());
    try (SafetensorsFile file = SafetensorsFile.open(answer)) {
      assertEquals(List.of(2L, 768L), file.tensors().get("embeddings").shape());
      assertEquals(2, file.floats("embeddings")[0], 1e-6);
      assertEquals(5, file.floats("embeddings")[768 + 767], 1e-6);
    }
  }

  @Test
  void similaritiesAreThoseOfThePooledPairs() {
    JsonArray first = new JsonArray().add(new JsonArray().add(token(1)).add(token(3)));
    JsonArray second = new JsonArray().add(new JsonArray().add(token(-4)));
    HttpResponse<Buffer> answer =
        client.post(
            "/similarity",
            new JsonObject().put("pooler", "sum").put("first", first).put("second", second));
    assertEquals(200, answer.statusCode(), answer.bodyAsString());
    assertEquals(-1, answer.bodyAsJsonObject().getJsonArray("similarities").getDouble(0), 1e-9);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"pooler\":\"mean\",\"inputs\":[[[1,2],[3]]]} | sentence 1, token 2",
        "{\"pooler\":\"mean\",\"inputs\":[[[1,\"a\"]]]} | expected a number",
        "{\"pooler\":\"mean\",\"inputs\":[[]]} | at least one token",
        "{\"pooler\":\"mean\",\"inputs\":[]} | at least one sentence",
        "{\"pooler\":\"mean\"} | expected 'pooler' and [inputs]",
        "{\"pooler\":\"nobody\",\"inputs\":[[[1,2]]]} | no pooler 'nobody'",
        "{\"pooler\":\"throws\",\"inputs\":[[[1,2]]]} | its forward pass failed",
      })
  void badTokensAreRefusedWithThePlace(String body, String place) {
    HttpResponse<Buffer> answer = client.post("/pool", "application/json", Buffer.buffer(body));
    assertError(answer, 422, "validation");
    assertTrue(answer.bodyAsString().contains(place), answer.bodyAsString());
  }

  @Test
  void malformedBodiesOfTokensAreToldFromWrongOnes() throws IOException {
    Buffer cutOff = Buffer.buffer("{\"pooler\":\"mean\",\"inputs\":[[[1,2");
    HttpResponse<Buffer> noJson = client.post("/pool", "application/json", cutOff);
    assertError(noJson, 400, "malformed");
    assertTrue(noJson.bodyAsString().contains("expected JSON"), noJson.bodyAsString());
    assertError(
        client.post("/pool?pooler=mean", "application/octet-stream", Buffer.buffer("junk")),
        400,
        "malformed");
    Buffer lying = safetensors(2, 2);
    assertError(
        client.post("/pool?pooler=mean", "application/octet-stream", lying), 422, "validation");
    assertError(
        client.post("/pool", "application/octet-stream", safetensors(2, 1)), 422, "validation");
  }

  @Test
  void aPoolerThatEndsTheDesksProcessCostsItsOwnRequest() {
    JsonArray inputs = new JsonArray().add(new JsonArray().add(token(1)));
    assertError(
        client.post("/pool", new JsonObject().put("pooler", "exits").put("inputs", inputs)),
        503,
        "unavailable");
    assertEquals(
        200,
        client
            .post("/pool", new JsonObject().put("pooler", "mean").put("inputs", inputs))
            .statusCode());
  }

  @Test
  void aTrainedModelIsReportedByTheNameThatItWasAskedFor() throws IOException {
    TestFiles.writeDoublingModel(models.resolve("double"), TestFiles.DIM);
    JsonObject run = client.end(client.start("models/double"));
    assertEquals("done", run.getString("status"), run.encode());
    JsonObject pooler = run.getJsonObject("report").getJsonObject("pooler");
    assertEquals("models/double", pooler.getString("spec"));
    assertEquals("double", pooler.getString("name"));
  }

  @Test
  void theReportOfATuningAndTheCurveOfATrainingStandBesideTheModels() throws IOException {
    TestFiles.writeDoublingModel(models.resolve("tuned/best"), TestFiles.DIM);
    JsonObject run = client.end(client.start("models/tuned"));
    assertEquals("done", run.getString("status"), "its best model is scored: " + run.encode());
    Path tuned = models.resolve("tuned");
    Files.writeString(tuned.resolve("report.html"), "<!doctype html><title>Tuning</title>");
    HttpResponse<Buffer> report = client.get("/models/tuned/report.html");
    assertEquals(200, report.statusCode());
    assertTrue(report.bodyAsString().contains("Tuning"));
    assertTrue(report.getHeader("Content-Security-Policy").startsWith("default-src 'none'"));
    JsonObject training = client.get("/models/tuned/training").bodyAsJsonObject();
    assertEquals("/models/tuned/report.html", training.getString("report"));
    assertEquals("double", training.getString("spec"));
    assertEquals(2, training.getInteger("best_epoch"));
    assertEquals(
        0.8, training.getJsonArray("dev_history").getJsonObject(1).getDouble("cosine_spearman"));
    assertError(client.get("/models/other/report.html"), 404, "not_found");
    assertError(client.get("/models/other/training"), 404, "not_found");
    assertEquals(404, client.get("/models/..%2F../report.html").statusCode());
  }

  @Test
  void aSubmissionUnderTheModelsIsScoredInARealPython() throws Exception {
    assumeTrue(CI || System.getenv("POOLMARK_PYTHON") != null, "no Python with torch");
    TestFiles.writeDoublingModel(models.resolve("exported"), TestFiles.DIM);
    Process export =
        new ProcessBuilder(
                TestFiles.distribution().resolve("bin/poolmark").toString(),
                "export",
                "--model",
                models.resolve("exported").toString(),
                "--out",
                models.resolve("mine.zip").toString())
            .redirectErrorStream(true)
            .start();
    String said = new String(Wait.bounded(export).getInputStream().readAllBytes());
    assertEquals(0, export.waitFor(), said);
    JsonObject run = client.end(client.start("models/mine.zip"));
    assertEquals("done", run.getString("status"), run.encode());
    JsonObject report = run.getJsonObject("report");
    assertEquals("models/mine.zip", report.getJsonObject("pooler").getString("spec"));
    assertEquals("python", report.getJsonObject("time").getString("engine"));
    double sum =
        client
            .end(client.start("sum"))
            .getJsonObject("report")
            .getJsonObject("quality")
            .getDouble("cosine_spearman");
    assertEquals(sum, report.getJsonObject("quality").getDouble("cosine_spearman"), 1e-6);
  }

  @Test
  void modelsCanBeNamedOnlyWithinTheirFolder() throws IOException {
    Files.writeString(models.resolve("broken.pt"), "no model");
    JsonObject run = client.end(client.start("models/broken.pt"));
    assertEquals("failed", run.getString("status"));
    assertTrue(run.getString("error").contains("broken.pt"), run.encode());
    Files.createSymbolicLink(models.resolve("outside.pt"), Path.of("/etc/hostname"));
    assertError(
        client.post("/runs", new JsonObject().put("pooler", "models/outside.pt")),
        422,
        "validation");
    Files.delete(models.resolve("outside.pt"));
  }

  @Test
  void metricsAreThereForPrometheus() {
    client.end(client.start("mean"));
    String metrics = client.get("/metrics").bodyAsString();
    for (String name :
        List.of(
            "poolmark_runs_ended_total{status=\"done\"}",
            "poolmark_runs_queued",
            "poolmark_lanes_replaced_total",
            "vertx_http_server_response_time_seconds")) {
      assertTrue(metrics.contains(name), metrics);
    }
  }

  private static JsonObject slow() {
    return new JsonObject().put("pooler", "slow").put("dataset", "toy").put("batch_size", 4);
  }

  private static JsonArray token(int value) {
    JsonArray token = new JsonArray();
    for (int i = 0; i < TestFiles.DIM; i++) {
      token.add(value);
    }
    return token;
  }

  /** Three tokens of all 1, 3 and 5, in sentences of the given lengths. */
  private static Buffer safetensors(long... lengths) throws IOException {
    float[] tokens = new float[3 * TestFiles.DIM];
    for (int i = 0; i < tokens.length; i++) {
      tokens[i] = 1 + 2 * (i / TestFiles.DIM);
    }
    return Buffer.buffer(Files.readAllBytes(TestFiles.safetensors(tokens, lengths)));
  }

  private static String type(JsonArray messages, int index) {
    return messages.getJsonObject(index).getString("type");
  }

  private static void assertError(HttpResponse<Buffer> answer, int status, String type) {
    assertEquals(status, answer.statusCode(), answer.bodyAsString());
    assertEquals(type, answer.bodyAsJsonObject().getString("error_type"));
    assertNotNull(answer.bodyAsJsonObject().getString("error"));
  }
}
