package dev.poolmark.server.distribution;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.poolmark.server.Wait;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Commands and servers that end by {@code kill -9} at any moment: what the next one reads is right,
 * what was announced is there, and nothing is left behind. {@code mvn -P fuzz verify} kills many
 * more, from a seed of its own.
 */
@Timeout(value = 120, unit = TimeUnit.MINUTES)
class KillIT {

  private static final long SEED = seed();
  private static final int KILLS = Integer.getInteger("poolmark.fuzz.kills", 1);
  private static final int ONE = Integer.getInteger("poolmark.fuzz.case", -1);
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final HttpClient HTTP = HttpClient.newHttpClient();

  @TempDir Path folder;
  private Path temporary;

  @BeforeEach
  void makeTemporaryFolder() throws IOException {
    temporary = Files.createDirectories(folder.resolve("tmp"));
  }

  /** A seed of its own where 0 is asked for; a failing case prints it. */
  private static long seed() {
    long given = Long.getLong("poolmark.fuzz.seed", 20_240_601);
    return given == 0 ? System.nanoTime() >>> 1 : given;
  }

  /** What is started, killed, and looked at. */
  private interface Case {
    void run(SplittableRandom random) throws Exception;
  }

  /** Runs the cases; one that fails says how to run it alone. */
  private static void kills(String test, Case one) throws Exception {
    for (int i = Math.max(0, ONE); i < (ONE < 0 ? KILLS : ONE + 1); i++) {
      try {
        one.run(new SplittableRandom(SEED + 0x9E3779B97F4A7C15L * i));
      } catch (Exception | Error e) {
        throw new AssertionError(
            String.format(
                Locale.ROOT,
                "%s; reproduce, as far as moments can be: mvn -pl server -am verify -Dtest=NONE"
                    + " -Dsurefire.failIfNoSpecifiedTests=false -Dit.test=KillIT#%s"
                    + " -Dfailsafe.failIfNoSpecifiedTests=false -Dpoolmark.fuzz.seed=%d"
                    + " -Dpoolmark.fuzz.case=%d",
                e,
                test,
                SEED,
                i),
            e);
      }
    }
  }

  @Test
  void whatEncodeLeavesIsWholeOrNotThere() throws Exception {
    Path pairs = folder.resolve("mine.tsv");
    Files.writeString(pairs, "A cat sat on the mat.\tThe größte cat sleeps.\t4.5\n".repeat(120));
    Path out = folder.resolve("encoded");
    String[] line = {"encode", "--pairs", pairs.toString(), "--out", out.toString()};
    long nanos = undisturbed(line);
    Map<String, byte[]> whole = contents(out);
    assertEquals(5, whole.size(), () -> whole.keySet().toString());
    kills(
        "whatEncodeLeavesIsWholeOrNotThere",
        random -> {
          if (random.nextBoolean()) {
            delete(out);
          }
          kill(poolmark().start(line), random, nanos);
          if (Files.exists(out)) {
            Map<String, byte[]> left = contents(out);
            left.keySet().removeIf(name -> name.startsWith(".poolmark-"));
            left.forEach((name, bytes) -> assertArrayEquals(whole.get(name), bytes, name));
          }
          poolmark().run(line).expectDone();
          assertSame(whole, contents(out));
          assertNothingLeft(List.of("encoded", "mine.tsv", "tmp"));
        });
  }

  @Test
  void whatScoreHasInItsCacheIsRight() throws Exception {
    Path data = Data.large(folder.resolve("data"), 200, 20);
    Path cache = folder.resolve("cache");
    String[] line = {
      "score", "--data=" + data, "--cache=" + cache, "--pooler=sum", "--format=json", "--passes=1"
    };
    long nanos = undisturbed(line);
    JsonNode quality = poolmark().run(line).expectDone().json().at("/0/quality");
    assertTrue(quality.get("cosine_spearman").isNumber(), quality::toString);
    kills(
        "whatScoreHasInItsCacheIsRight",
        random -> {
          if (random.nextInt(3) > 0) {
            delete(cache);
          }
          kill(poolmark().start(line), random, nanos);
          JsonNode next = poolmark().run(line).expectDone().json();
          assertEquals(quality, next.at("/0/quality"));
          assertEquals(2, Data.names(cache).size(), () -> names(cache).toString());
          assertNothingLeft(List.of("cache", "data", "tmp"));
        });
  }

  @Test
  void whatTrainAnnouncedIsInItsCheckpoint() throws Exception {
    Path data = Data.random(folder.resolve("data"), 200, 16, 1);
    Path out = folder.resolve("model");
    List<String> line =
        List.of(
            "train",
            "--data=" + data,
            "--dev=" + data,
            "--dim=16",
            "--cache=none",
            "--pooler=attention:output_dim=8",
            "--epochs=60",
            "--patience=60",
            "--batch-size=20",
            "--threads=1",
            "--format=json",
            "--out=" + out);
    long nanos = undisturbed(line.toArray(String[]::new));
    byte[] weights = Files.readAllBytes(out.resolve("model.safetensors"));
    kills(
        "whatTrainAnnouncedIsInItsCheckpoint",
        random -> {
          delete(out);
          Poolmark.Running running = poolmark().start(line.toArray(String[]::new));
          List<Integer> announced = epochs(kill(running, random, nanos));
          boolean ended = Files.exists(out.resolve("pooler.json"));
          boolean interrupted = Files.exists(out.resolve("checkpoint.safetensors"));
          assertTrue(ended || interrupted || announced.isEmpty(), "announced: " + announced);
          List<String> again = new ArrayList<>(line);
          if (interrupted) {
            again.add("--resume");
          }
          if (interrupted || !ended) {
            Outcome outcome = poolmark().run(again.toArray(String[]::new)).expectDone();
            List<Integer> trained = epochs(outcome.stdout());
            assertTrue(
                announced.isEmpty()
                    || trained.isEmpty()
                    || trained.get(0) > announced.get(announced.size() - 1),
                () -> "announced " + announced + ", trained again " + trained);
          }
          assertArrayEquals(weights, Files.readAllBytes(out.resolve("model.safetensors")));
          assertEquals(List.of("model.safetensors", "pooler.json"), Data.names(out));
          assertNothingLeft(List.of("data", "model", "tmp"));
        });
  }

  private static List<Integer> epochs(String stdout) throws IOException {
    return events(stdout, "epoch").stream().map(event -> event.get("epoch").asInt()).toList();
  }

  /** The events of a kind; a line that has no end was not told. */
  private static List<JsonNode> events(String stdout, String kind) throws IOException {
    List<JsonNode> events = new ArrayList<>();
    for (String line : stdout.substring(0, stdout.lastIndexOf('\n') + 1).lines().toList()) {
      JsonNode event = JSON.readTree(line);
      if (event.path("event").asText().equals(kind)) {
        events.add(event);
      }
    }
    return events;
  }

  @Test
  void whatTuneTriedIsGoneOnWith() throws Exception {
    Path data = Data.random(folder.resolve("data"), 120, 16, 1);
    Path out = folder.resolve("tuned");
    List<String> line =
        List.of(
            "tune",
            "--data=" + data,
            "--dim=16",
            "--cache=none",
            "--budget=20s",
            "--trials=2",
            "--format=json",
            "--out=" + out);
    kills(
        "whatTuneTriedIsGoneOnWith",
        random -> {
          delete(out);
          Poolmark.Running running = poolmark().start(line.toArray(String[]::new));
          running.process().waitFor(random.nextLong(12_000), TimeUnit.MILLISECONDS);
          List<JsonNode> announced = trials(end(running, running.process().toHandle()));
          Path tried = out.resolve("trials.jsonl");
          List<String> again = new ArrayList<>(line);
          if (Files.exists(tried)) {
            again.add("--resume");
          }
          poolmark().run(again.toArray(String[]::new)).expectDone();
          List<JsonNode> kept = new ArrayList<>();
          for (String row : Files.readAllLines(tried)) {
            kept.add(JSON.readTree(row));
          }
          assertTrue(kept.size() >= announced.size(), () -> announced + ", kept " + kept);
          assertEquals(announced, kept.subList(0, announced.size()));
          JsonNode report = JSON.readTree(out.resolve("report.json").toFile());
          assertEquals(
              List.of("best", "best.zip", "report.html", "report.json", "trials.jsonl", "work"),
              Data.names(out));
          JsonNode best = JSON.readTree(out.resolve("best/pooler.json").toFile());
          assertEquals(report.at("/best/spec").asText(), best.get("spec").asText());
          poolmark()
              .run(
                  "score",
                  "--data=" + data,
                  "--dim=16",
                  "--cache=none",
                  "--passes=1",
                  "--pooler=" + out.resolve("best"))
              .expectDone();
          assertNothingLeft(List.of("data", "tmp", "tuned"));
        });
  }

  private static List<JsonNode> trials(String stdout) throws IOException {
    return events(stdout, "trial").stream().map(event -> event.get("trial")).toList();
  }

  @Test
  void whatAServerTookItBringsToItsEnd() throws Exception {
    Path root = Files.createDirectories(folder.resolve("root"));
    Data.random(root.resolve("toy"), 50, 768, 3);
    Path home = folder.resolve("home");
    Map<String, JsonNode> done = new LinkedHashMap<>();
    List<String> taken = new ArrayList<>();
    kills(
        "whatAServerTookItBringsToItsEnd",
        random -> {
          Poolmark.Running running = serve(home, root);
          URI url = url(running);
          for (int i = 0; i < 4; i++) {
            taken.add(post(url, i % 2 == 0 ? "sum" : "mean"));
          }
          long until = System.nanoTime() + random.nextLong(TimeUnit.SECONDS.toNanos(4));
          while (System.nanoTime() < until) {
            see(url, taken, done);
          }
          kill(running, random, 1);

          Poolmark.Running next = serve(home, root);
          URI again = url(next);
          Wait.until(
              "the end of all runs",
              () -> {
                see(again, taken, done);
                return done.keySet().containsAll(taken);
              });
          for (String id : taken) {
            JsonNode run = get(again, "runs/" + id);
            assertEquals("done", run.get("status").asText(), run::toString);
            assertEquals(done.get(id), run.get("report"), "what was told once stays");
          }
          assertEquals(taken.size(), get(again, "runs?limit=1000").get("runs").size());
          next.process().destroy();
          next.process().waitFor();
          next.discard();
          assertEquals(List.of(), Data.names(home.resolve("scratch")));
          assertNothingLeft(List.of("home", "root", "tmp"));
        });
  }

  private Poolmark.Running serve(Path home, Path root) throws IOException {
    return poolmark().start("serve", "--port=0", "--home=" + home, "--data-root=" + root);
  }

  private static URI url(Poolmark.Running running) throws Exception {
    String start = "poolmark: listening on ";
    Wait.until(
        "the server",
        () ->
            !running.process().isAlive()
                || Files.readString(running.stdout().toPath()).contains(start));
    String told = Files.readString(running.stdout().toPath());
    assertTrue(told.startsWith(start), () -> told + names(running.stderr().toPath()));
    return URI.create(told.substring(start.length()).strip());
  }

  private static String post(URI url, String pooler) throws Exception {
    String body = "{\"pooler\":\"" + pooler + "\",\"dataset\":\"toy\"}";
    HttpRequest request =
        HttpRequest.newBuilder(url.resolve("runs"))
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(body))
            .build();
    HttpResponse<String> answer = HTTP.send(request, HttpResponse.BodyHandlers.ofString());
    assertEquals(202, answer.statusCode(), answer::body);
    return JSON.readTree(answer.body()).get("id").asText();
  }

  private static JsonNode get(URI url, String path) throws Exception {
    HttpRequest request = HttpRequest.newBuilder(url.resolve(path)).build();
    HttpResponse<String> answer = HTTP.send(request, HttpResponse.BodyHandlers.ofString());
    assertEquals(200, answer.statusCode(), answer::body);
    return JSON.readTree(answer.body());
  }

  /** Remembers the reports of runs that are done. */
  private static void see(URI url, List<String> taken, Map<String, JsonNode> done)
      throws Exception {
    for (String id : taken) {
      if (!done.containsKey(id)) {
        JsonNode run = get(url, "runs/" + id);
        assertTrue(
            List.of("queued", "running", "done").contains(run.get("status").asText()),
            run::toString);
        if (run.get("status").asText().equals("done")) {
          done.put(id, run.get("report"));
        }
      }
    }
  }

  private Poolmark poolmark() {
    return Poolmark.built().with("TMPDIR", temporary.toString());
  }

  /** How long a command takes, so that a kill comes at any moment of it. */
  private long undisturbed(String... line) throws Exception {
    long start = System.nanoTime();
    poolmark().run(line).expectDone();
    return System.nanoTime() - start;
  }

  /** Kills a process, or now and then its child alone; returns what it had said. */
  private static String kill(Poolmark.Running running, SplittableRandom random, long nanos)
      throws Exception {
    Process process = running.process();
    process.waitFor(random.nextLong(nanos), TimeUnit.NANOSECONDS);
    List<ProcessHandle> children = process.descendants().toList();
    boolean childAlone = random.nextInt(4) == 0 && nanos > 1 && !children.isEmpty();
    return end(running, childAlone ? children.get(0) : process.toHandle());
  }

  /** Kills it by one of its processes; returns what it had said. */
  private static String end(Poolmark.Running running, ProcessHandle victim) throws Exception {
    Process process = running.process();
    List<ProcessHandle> children = process.descendants().toList();
    victim.destroyForcibly();
    assertTrue(process.waitFor(1, TimeUnit.MINUTES), "it ends");
    for (ProcessHandle child : children) {
      child.onExit().get(1, TimeUnit.MINUTES);
    }
    String said = Files.readString(running.stdout().toPath());
    running.discard();
    return said;
  }

  private void assertNothingLeft(List<String> expected) throws Exception {
    Wait.until(
        "the sweep of " + names(temporary),
        () -> {
          poolmark().run("--version").expectDone();
          return names(temporary).isEmpty();
        });
    assertEquals(expected, Data.names(folder));
  }

  private static List<String> names(Path path) {
    try {
      return Files.isDirectory(path) ? Data.names(path) : Files.readAllLines(path);
    } catch (IOException e) {
      return List.of(e.toString());
    }
  }

  private static Map<String, byte[]> contents(Path path) throws IOException {
    Map<String, byte[]> contents = new TreeMap<>();
    for (String name : Data.names(path)) {
      if (Files.isRegularFile(path.resolve(name))) {
        contents.put(name, Files.readAllBytes(path.resolve(name)));
      }
    }
    return contents;
  }

  private static void assertSame(Map<String, byte[]> expected, Map<String, byte[]> found) {
    assertEquals(expected.keySet(), found.keySet());
    expected.forEach((name, bytes) -> assertArrayEquals(bytes, found.get(name), name));
  }

  private static void delete(Path path) throws IOException {
    if (Files.exists(path)) {
      try (Stream<Path> all = Files.walk(path)) {
        for (Path each : all.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(each);
        }
      }
    }
  }
}
