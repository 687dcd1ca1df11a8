package dev.poolmark.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** A server as one operates it: by its environment, with TLS, logs and metrics. */
class OperatorIT {

  private static final String TOKEN = "an operator's token";

  private static Path folder;
  private static Path log;
  private static TestCertificate certificate;
  private static ServerProcess server;
  private static HttpClient client;

  @BeforeAll
  static void start() throws Exception {
    folder = TestFiles.folder("operator");
    log = folder.resolve("log");
    certificate = TestCertificate.make(folder);
    ProcessBuilder builder = ServerProcess.process(folder.resolve("home"));
    builder.redirectError(log.toFile());
    builder.environment().put("POOLMARK_TOKEN", TOKEN);
    builder.environment().put("POOLMARK_TLS_CERT", certificate.certificate().toString());
    builder.environment().put("POOLMARK_TLS_KEY", certificate.key().toString());
    builder.environment().put("POOLMARK_ACCESS_LOG", "true");
    builder.environment().put("POOLMARK_LOG_FORMAT", "json");
    builder.environment().put("POOLMARK_MAX_QUEUED", "77");
    server = ServerProcess.start(builder);
    client = HttpClient.newBuilder().sslContext(certificate.trusting()).build();
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @Test
  void anOptionIsSetByItsVariable() throws Exception {
    assertEquals(77, new JsonObject(get("/info").body()).getInteger("max_queued"));
  }

  @Test
  void itSpeaksTlsAndNothingElse() throws Exception {
    assertEquals("https", server.url().getScheme());
    assertEquals(200, get("/health").statusCode());
    URI clear = URI.create("http://127.0.0.1:" + server.port() + "/health");
    assertThrows(
        IOException.class,
        () -> client.send(HttpRequest.newBuilder(clear).build(), BodyHandlers.ofString()));
  }

  @Test
  void aLoginByTlsIsForTlsAlone() throws Exception {
    HttpRequest login =
        request("/login")
            .header("Content-Type", "application/x-www-form-urlencoded")
            .POST(BodyPublishers.ofString("token=" + TOKEN.replace(' ', '+')))
            .build();
    HttpResponse<String> entered = client.send(login, BodyHandlers.ofString());
    assertEquals(303, entered.statusCode());
    assertTrue(entered.headers().firstValue("Set-Cookie").orElseThrow().contains("; Secure"));
  }

  @Test
  void eachRequestIsALineOfJsonWithItsTime() throws Exception {
    assertEquals(422, get("/runs/none?secret=1").statusCode());
    Wait.until("the request's line", () -> Files.readString(log).contains("/runs/none"));
    JsonObject line =
        Files.readAllLines(log).stream()
            .map(JsonObject::new)
            .filter(each -> each.getString("path", "").equals("/runs/none"))
            .findFirst()
            .orElseThrow();
    assertTrue(line.getString("time").matches("20\\d\\d-\\d\\d-\\d\\dT.*Z"), line.encode());
    assertEquals("access", line.getString("logger"));
    assertEquals("info", line.getString("level"));
    assertEquals("127.0.0.1", line.getString("client"));
    assertEquals("GET", line.getString("method"));
    assertEquals(422, line.getInteger("status"));
    assertTrue(line.getInteger("bytes") > 0, line.encode());
    assertTrue(line.getDouble("milliseconds") >= 0, line.encode());
    assertFalse(line.encode().contains("secret"), line.encode());
    assertFalse(Files.readString(log).contains(TOKEN));
  }

  @Test
  void metricsTellOfTheProcessTheRunsAndTheRoutes() throws Exception {
    String id = run();
    Wait.until(
        "the run's end",
        () -> new JsonObject(get("/runs/" + id).body()).getString("status").equals("done"));
    String metrics = get("/metrics").body();
    for (String line :
        List.of(
            "jvm_memory_used_bytes{area=\"heap\"",
            "jvm_gc_memory_allocated_bytes_total",
            "jvm_threads_live_threads",
            "process_uptime_seconds",
            "process_cpu_usage",
            "process_files_open_files",
            "poolmark_build_info{java=\"",
            "poolmark_runs_duration_seconds_bucket{status=\"done\",le=\"+Inf\"} 1",
            "poolmark_runs_queue_wait_seconds_bucket{le=\"+Inf\"} 1",
            "poolmark_database_available 1.0",
            "poolmark_lanes{state=\"busy\"} 0.0",
            "poolmark_lanes{state=\"idle\"} 1.0",
            "route=\"/runs/:id\"")) {
      assertTrue(
          metrics.contains("\n" + line) || metrics.contains("," + line), line + " in " + metrics);
    }
    assertFalse(metrics.contains(id), "a label for each run would be too many");
    assertEquals(Set.of(), withoutHelp(metrics));
  }

  private static Set<String> withoutHelp(String metrics) {
    Set<String> typed = names("# TYPE (\\S+) .*", metrics);
    typed.removeAll(names("# HELP (\\S+) \\S.*", metrics));
    return typed;
  }

  private static Set<String> names(String pattern, String metrics) {
    return Pattern.compile(pattern)
        .matcher(metrics)
        .results()
        .map(found -> found.group(1))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static String run() throws Exception {
    HttpRequest request =
        request("/runs")
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.ofString("{\"pooler\":\"sum\",\"dataset\":\"toy\"}"))
            .build();
    return new JsonObject(client.send(request, BodyHandlers.ofString()).body()).getString("id");
  }

  private static HttpResponse<String> get(String path) throws IOException, InterruptedException {
    return client.send(request(path).build(), BodyHandlers.ofString());
  }

  private static HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(server.url().resolve(path))
        .header("Authorization", "Bearer " + TOKEN);
  }
}
