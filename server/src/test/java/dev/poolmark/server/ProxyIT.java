package dev.poolmark.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.vertx.core.json.JsonObject;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * A server behind a real nginx that has the distribution's example as its configuration, and
 * systemd's own opinion of the other example.
 */
class ProxyIT {

  private static final String TOKEN = "a token for a proxy";
  private static final Path EXAMPLES = TestFiles.distribution().resolve("examples");
  private static final Path NGINX = Path.of("/usr/sbin/nginx");
  private static final boolean CI = "true".equals(System.getenv("CI"));

  /** Larger than what nginx takes or keeps by itself, and than what it keeps in memory. */
  private static final int LARGE_BYTES = 48 << 20;

  private static ServerProcess server;
  private static Process nginx;
  private static URI url;
  private static HttpClient client;

  @BeforeAll
  static void start() throws Exception {
    assumeTrue(CI || Files.exists(NGINX), "no nginx");
    Path folder = TestFiles.folder("proxy");
    Path plugins = Files.createDirectories(folder.resolve("plugins"));
    TestFiles.writeRogueJar(plugins.resolve("rogue.jar"));
    TestCertificate certificate = TestCertificate.make(folder);
    ProcessBuilder builder =
        ServerProcess.process(folder.resolve("home"), "--plugins", plugins.toString());
    builder.environment().put("POOLMARK_TOKEN", TOKEN);
    server = ServerProcess.start(builder.redirectError(ProcessBuilder.Redirect.INHERIT));
    url = URI.create("https://localhost:" + startNginx(folder, certificate) + "/");
    client = HttpClient.newBuilder().sslContext(certificate.trusting()).build();
    Wait.until("nginx", () -> answers(url));
  }

  private static boolean answers(URI uri) throws InterruptedException {
    try {
      return client
              .send(
                  HttpRequest.newBuilder(uri.resolve("/health")).build(), BodyHandlers.discarding())
              .statusCode()
          == 200;
    } catch (IOException e) {
      assertTrue(nginx.isAlive(), "nginx has ended");
      return false;
    }
  }

  /** With the example as it is, but for ports and files. */
  private static int startNginx(Path folder, TestCertificate certificate) throws IOException {
    int port;
    try (ServerSocket free = new ServerSocket(0)) {
      port = free.getLocalPort();
    }
    String site =
        replaced(
            replaced(
                replaced(
                    replaced(
                        Files.readString(EXAMPLES.resolve("nginx.conf")),
                        "/etc/ssl/poolmark.pem",
                        certificate.certificate().toString()),
                    "/etc/ssl/poolmark.key",
                    certificate.key().toString()),
                "listen 443 ssl",
                "listen 127.0.0.1:" + port + " ssl"),
            "127.0.0.1:8765",
            "127.0.0.1:" + server.port());
    Files.writeString(folder.resolve("poolmark.conf"), site);
    Path main = folder.resolve("nginx.conf");
    Files.writeString(
        main,
        """
        daemon off;
        pid %1$s/nginx.pid;
        error_log stderr warn;
        events {}
        http {
          access_log off;
          client_body_temp_path %1$s/body;
          proxy_temp_path %1$s/proxied;
          fastcgi_temp_path %1$s/fastcgi;
          uwsgi_temp_path %1$s/uwsgi;
          scgi_temp_path %1$s/scgi;
          include %1$s/poolmark.conf;
        }
        """
            .formatted(folder));
    List<String> command =
        List.of(NGINX.toString(), "-e", "stderr", "-p", folder.toString(), "-c", main.toString());
    nginx = new ProcessBuilder(command).inheritIO().start();
    return port;
  }

  private static String replaced(String text, String old, String now) {
    assertTrue(text.contains(old), old);
    return text.replace(old, now);
  }

  @AfterAll
  static void stop() throws InterruptedException {
    if (nginx != null) {
      nginx.destroy();
      nginx.waitFor(10, TimeUnit.SECONDS);
      nginx.destroyForcibly();
    }
    if (server != null) {
      server.close();
    }
  }

  @Test
  void aBrowserLogsInAndItsCookieIsForTlsAlone() throws Exception {
    HttpRequest login =
        HttpRequest.newBuilder(url.resolve("/login"))
            .header("Content-Type", "application/x-www-form-urlencoded")
            .header("Origin", url.toString().replaceFirst("/$", ""))
            .POST(BodyPublishers.ofString("token=" + TOKEN.replace(' ', '+')))
            .build();
    HttpResponse<String> entered = client.send(login, BodyHandlers.ofString());
    assertEquals(303, entered.statusCode(), entered.body());
    assertTrue(entered.headers().firstValue("Set-Cookie").orElseThrow().contains("; Secure"));
  }

  @Test
  void aWebSocketFollowsARunToItsEnd() throws Exception {
    CompletableFuture<String> last = new CompletableFuture<>();
    client
        .newWebSocketBuilder()
        .header("Authorization", "Bearer " + TOKEN)
        .buildAsync(
            URI.create("wss" + url.toString().substring(5) + "runs/" + run("sum") + "/progress"),
            new LastMessage(last))
        .get(60, TimeUnit.SECONDS);
    assertEquals("done", new JsonObject(last.get(60, TimeUnit.SECONDS)).getString("type"));
  }

  /** What is told before a WebSocket is closed. */
  private static final class LastMessage implements WebSocket.Listener {
    private final CompletableFuture<String> last;
    private final StringBuilder message = new StringBuilder();
    private String whole = "";

    LastMessage(CompletableFuture<String> last) {
      this.last = last;
    }

    @Override
    public CompletionStage<?> onText(WebSocket socket, CharSequence data, boolean end) {
      message.append(data);
      if (end) {
        whole = message.toString();
        message.setLength(0);
      }
      socket.request(1);
      return null;
    }

    @Override
    public CompletionStage<?> onClose(WebSocket socket, int code, String reason) {
      last.complete(whole);
      return null;
    }

    @Override
    public void onError(WebSocket socket, Throwable error) {
      last.completeExceptionally(error);
    }
  }

  @Test
  void eventsComeWhileTheRunIsGoingOn() throws Exception {
    String id = run("slow");
    HttpRequest events = request("/runs/" + id + "/events").build();
    HttpResponse<InputStream> answer = client.send(events, BodyHandlers.ofInputStream());
    try (BufferedReader lines =
        new BufferedReader(new InputStreamReader(answer.body(), StandardCharsets.UTF_8))) {
      String first = lines.readLine();
      while (first != null && !first.startsWith("data:")) {
        first = lines.readLine();
      }
      // A proxy that kept the events back would have told the first one with the last.
      String status = new JsonObject(get("/runs/" + id).body()).getString("status");
      assertTrue(List.of("queued", "running").contains(status), status + " after " + first);
      assertEquals(
          202,
          client
              .send(request("/runs/" + id).DELETE().build(), BodyHandlers.discarding())
              .statusCode());
      String last = first;
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        last = line.startsWith("data:") ? line : last;
      }
      assertTrue(last.contains("cancelled"), last);
    }
  }

  @Test
  void aLargeBodyIsPooled() throws Exception {
    int tokens = LARGE_BYTES / 4 / TestFiles.DIM;
    int bytes = tokens * TestFiles.DIM * 4;
    byte[] header =
        """
        {"lengths":{"dtype":"I64","shape":[1],"data_offsets":[0,8]},\
        "tokens":{"dtype":"F32","shape":[%d,%d],"data_offsets":[8,%d]}}"""
            .formatted(tokens, TestFiles.DIM, 8 + bytes)
            .getBytes(StandardCharsets.UTF_8);
    ByteBuffer body =
        ByteBuffer.allocate(8 + header.length + 8 + bytes)
            .order(ByteOrder.LITTLE_ENDIAN)
            .putLong(header.length)
            .put(header)
            .putLong(tokens);
    HttpRequest pool =
        request("/pool?pooler=sum")
            .header("Content-Type", "application/octet-stream")
            .POST(BodyPublishers.ofByteArray(body.array()))
            .build();
    HttpResponse<String> answer = client.send(pool, BodyHandlers.ofString());
    assertEquals(200, answer.statusCode(), answer.body());
  }

  @Test
  void systemdFindsNothingWrongWithTheService() throws Exception {
    Path analyze = Path.of("/usr/bin/systemd-analyze");
    assumeTrue(CI || Files.exists(analyze), "no systemd");
    Path folder = TestFiles.folder("service");
    Path unit = folder.resolve("poolmark.service");
    String service = Files.readString(EXAMPLES.resolve("poolmark.service"));
    String program = TestFiles.distribution().resolve("bin/poolmark").toString();
    assertEquals(
        "", said(analyze, write(unit, replaced(service, "/opt/poolmark/bin/poolmark", program))));
    assertNotEquals(
        "",
        said(analyze, write(unit, replaced(service, "/opt/poolmark/bin/poolmark", "/no/where"))));
  }

  private static Path write(Path file, String text) throws IOException {
    return Files.writeString(file, text);
  }

  private static String said(Path analyze, Path unit) throws IOException {
    ProcessBuilder verify =
        new ProcessBuilder(analyze.toString(), "verify", "--man=no", unit.toString());
    Process process = Wait.bounded(verify.redirectErrorStream(true).start());
    return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
  }

  @Test
  void theVariablesOfTheExampleAreOptions() throws IOException {
    List<String> known = ServeCommandTest.options().map(ServeCommandTest::variable).toList();
    for (String line : Files.readAllLines(EXAMPLES.resolve("poolmark.env"))) {
      assertFalse(line.matches("[A-Z].*") && !known.contains(line.replaceFirst("=.*", "")), line);
    }
  }

  private static String run(String pooler) throws Exception {
    JsonObject wanted =
        new JsonObject().put("pooler", pooler).put("dataset", "toy").put("batch_size", 4);
    HttpRequest request =
        request("/runs")
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.ofString(wanted.encode()))
            .build();
    return new JsonObject(client.send(request, BodyHandlers.ofString()).body()).getString("id");
  }

  private static HttpResponse<String> get(String path) throws IOException, InterruptedException {
    return client.send(request(path).build(), BodyHandlers.ofString());
  }

  private static HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(url.resolve(path)).header("Authorization", "Bearer " + TOKEN);
  }
}
