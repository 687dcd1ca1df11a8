package dev.poolmark.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.client.HttpResponse;
import io.vertx.junit5.VertxExtension;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a proxy, a careless client or a hostile one may send: each answer is the right one. */
@ExtendWith(VertxExtension.class)
class RequestsIT {

  private static final String HOST = "Host: localhost\r\n";
  private static final int MAX_BODY = 4 << 20;

  private static Path log;
  private static ServerProcess server;
  private static Client client;

  @BeforeAll
  static void start(Vertx vertx) throws IOException {
    Path plugins = TestFiles.folder("plugins");
    TestFiles.writeRogueJar(plugins.resolve("rogue.jar"));
    Path home = TestFiles.folder("requests");
    log = home.resolve("log");
    server =
        ServerProcess.start(
            ServerProcess.process(
                    home,
                    "--max-body",
                    Integer.toString(MAX_BODY >> 20),
                    "--max-connections",
                    "120",
                    "--plugins",
                    plugins.toString())
                .redirectError(log.toFile()));
    client = new Client(vertx, server);
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "POST /runs|Host: localhost|Transfer-Encoding: xchunked",
        "POST /runs|Host: localhost|Transfer-Encoding: chunked|Content-Length: 5",
        "POST /runs|Host: localhost|Content-Length: 5|Transfer-Encoding: chunked",
        "POST /runs|Host: localhost|Transfer-Encoding: gzip, chunked",
        "POST /runs|Host: localhost|Transfer-Encoding: chunked|Transfer-Encoding: identity",
        "POST /runs|Host: localhost|Transfer-Encoding : chunked",
        "POST /runs|Host: localhost|Content-Length: 5|Content-Length: 6",
        "POST /runs|Host: localhost|Content-Length: +5",
        "POST /runs|Host: localhost|Content-Length: 5,5",
        "GET /health|Host: localhost|Host: localhost",
        "GET /health|Host: localhost|Host: elsewhere.example",
        "GET /health|Accept: */*",
        "GET http://elsewhere.example/health|Host: localhost",
      })
  void aRequestThatAProxyMayReadOtherwiseIsRefusedAndNothingAfterItIsRead(String head)
      throws IOException {
    String lines = head.replaceFirst("\\|", " HTTP/1.1\r\n").replace("|", "\r\n");
    String smuggled = "5\r\nhello\r\n0\r\n\r\nGET /health HTTP/1.1\r\n" + HOST + "\r\n";
    String answers = exchange(lines + "\r\n\r\n" + smuggled);
    assertTrue(answers.startsWith("HTTP/1.1 400 "), answers);
    assertTrue(!answers.contains("200 OK"), answers);
  }

  @ParameterizedTest
  @ValueSource(strings = {"zz\r\n{}\r\n", "-1\r\n", "0x2\r\n{}\r\n", "2\n{}\n0\n\n"})
  void chunksThatAreNoneAreRefusedAndNothingAfterThemIsRead(String chunks) throws IOException {
    String head =
        "POST /embed HTTP/1.1\r\n"
            + HOST
            + "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n";
    String answers = exchange(head + chunks + "GET /health HTTP/1.1\r\n" + HOST + "\r\n");
    assertTrue(answers.startsWith("HTTP/1.1 400 "), answers);
    assertTrue(answers.contains("\"error_type\":\"malformed\""), answers);
    assertTrue(!answers.contains("200 OK"), answers);
  }

  @Test
  void http2IsNotSpokenInClearText() throws IOException {
    String upgrade =
        "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n";
    String answer = exchange("GET /health HTTP/1.1\r\n" + HOST + "Connection: close\r\n\r\n");
    assertTrue(answer.startsWith("HTTP/1.1 200 "), answer);
    try (Socket socket = open("GET /health HTTP/1.1\r\n" + HOST + upgrade + "\r\n")) {
      String head = new String(socket.getInputStream().readNBytes(15));
      assertEquals("HTTP/1.1 200 OK", head);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/%zz",
        "/runs/%zz",
        "/runs/%",
        "/runs/%4",
        "/runs/%ff",
        "/runs/%ED%A0%80",
        "/page/%zz",
        "/nowhere?x=%zz",
        "/runs?limit=%zz",
        "/runs?%zz=1",
        "/leaderboard?dataset=%C3",
      })
  void anAddressThatCannotBeDecodedIsMalformed(String address) throws IOException {
    String answer =
        exchange("GET " + address + " HTTP/1.1\r\n" + HOST + "Connection: close\r\n\r\n");
    assertTrue(answer.startsWith("HTTP/1.1 400 "), answer);
    assertTrue(answer.contains("\"error_type\":\"malformed\""), answer);
  }

  @ParameterizedTest
  @CsvSource({
    "sts%2Bdev, sts+dev",
    "sts+dev, sts+dev",
    "a%252Bb, a%2Bb",
    "a%25b, a%b",
    "100%25, 100%",
    "%22x%5C, '\"x\\'",
    "%E6%9D%B1, 東",
    "true, true",
    "1e2, 1e2",
  })
  void aValueInTheQueryIsDecodedOnce(String written, String read) throws IOException {
    String answer =
        exchange(
            "GET /leaderboard?dataset="
                + written
                + " HTTP/1.1\r\n"
                + HOST
                + "Connection: close\r\n\r\n");
    JsonObject board = new JsonObject(answer.substring(answer.indexOf("\r\n\r\n")));
    assertEquals(read, board.getString("dataset"));
  }

  @ParameterizedTest
  @CsvSource({
    "GET, /runs?colour=red",
    "GET, /runs?limit=1&limit=2",
    "GET, /health?x",
    "GET, /runs/0123456789abcdef?x=1",
    "GET, /leaderboard?data=sample",
    "DELETE, /runs/0123456789abcdef?force=true",
    "POST, /poolers/rescan?now=1",
  })
  void whatNoRouteKnowsInAQueryIsRefused(String method, String address) {
    HttpResponse<Buffer> answer =
        Client.await(client.request(HttpMethod.valueOf(method), address).send());
    assertEquals(422, answer.statusCode(), answer.bodyAsString());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "PUT    | /runs                     | GET, HEAD, POST",
        "POST   | /runs/0123456789abcdef    | DELETE, GET, HEAD, PATCH",
        "DELETE | /health                   | GET, HEAD",
        "GET    | /pool                     | POST",
        "HEAD   | /embed                    | POST",
        "PATCH  | /                         | GET, HEAD, POST",
        "GET    | /login                    | POST",
        "POST   | /docs                     | GET, HEAD",
        "POST   | /page/app.js              | GET, HEAD",
        "HEAD   | /runs/x/events            | GET",
        "OPTIONS| /v1/embeddings            | POST",
      })
  void aMethodThatAPathDoesNotHaveIsToldWhichItHas(String method, String path, String allowed) {
    HttpResponse<Buffer> answer =
        Client.await(client.request(HttpMethod.valueOf(method.strip()), path.strip()).send());
    assertEquals(405, answer.statusCode(), answer.bodyAsString());
    assertEquals(allowed, answer.getHeader("Allow"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"/runs", "/embed", "/pool", "/similarity", "/v1/embeddings"})
  void aBodyInAContentCodingIsOfAnUnsupportedType(String path) {
    HttpResponse<Buffer> answer =
        Client.await(
            client
                .request(HttpMethod.POST, path)
                .putHeader("Content-Type", "application/json")
                .putHeader("Content-Encoding", "gzip")
                .sendBuffer(Buffer.buffer("{}")));
    assertEquals(415, answer.statusCode(), answer.bodyAsString());
  }

  @ParameterizedTest
  @ValueSource(strings = {"LOCALHOST", "LocalHost:1", "localhost.", "127.0.0.1", "[::1]"})
  void aNameOfThisMachineIsOneHoweverItIsWritten(String host) throws IOException {
    String answer =
        exchange("GET /health HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n");
    assertTrue(answer.startsWith("HTTP/1.1 200 "), answer);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "attention:heads=0             | a whole number, at least 1",
        "attention:colour=red          | unknown option 'colour'",
        "attention:heads               | expected option=value",
        "attention:heads=1,heads=2     | given twice",
        "concat:modes=mean+nothing     | some of",
        "nobody                        | GET /poolers lists",
        "mean\\ud800                   | surrogate",
      })
  void aPoolersOptionsAreCheckedBeforeTheRunIsTaken(String spec, String told) {
    HttpResponse<Buffer> answer =
        client.post(
            "/runs",
            "application/json",
            Buffer.buffer("{\"pooler\":\"" + spec.strip() + "\",\"dataset\":\"toy\"}"));
    assertEquals(422, answer.statusCode(), answer.bodyAsString());
    assertTrue(answer.bodyAsString().contains(told), answer.bodyAsString());
  }

  @ParameterizedTest
  @CsvSource({
    "'gzip', true",
    "'gzip;q=0.5', true",
    "'deflate, GZIP', true",
    "'*', true",
    "'gzip;q=0', false",
    "'gzip;q=0, *', false",
    "'*;q=0', false",
    "'identity', false",
  })
  void pairsAreZippedOnlyForThoseWhoTakeThemSo(String accepted, boolean zipped) {
    String id = client.start("mean");
    client.end(id);
    HttpResponse<Buffer> answer =
        Client.await(
            client
                .request(HttpMethod.GET, "/runs/" + id + "/pairs")
                .putHeader("Accept-Encoding", accepted)
                .send());
    byte[] start = Arrays.copyOf(answer.body().getBytes(), 2);
    assertEquals(zipped, start[0] == 0x1f && start[1] == (byte) 0x8b);
  }

  /** The place comes first: of many clients most are refused before a byte of a body is held. */
  @Test
  void manyUploadsAreRefusedBeforeTheirBodies() throws IOException {
    List<Socket> uploads = new ArrayList<>();
    try {
      int refused = 0;
      for (int i = 0; i < 40; i++) {
        Socket upload =
            open(
                "POST /pool HTTP/1.1\r\n"
                    + HOST
                    + "Content-Type: application/json\r\nContent-Length: 100\r\n\r\n");
        uploads.add(upload);
        refused += answersWithin(upload, 200) ? 1 : 0;
      }
      assertEquals(8, refused);
    } finally {
      for (Socket upload : uploads) {
        upload.close();
      }
    }
  }

  /** More than there are places, and none of them is the server's fault. */
  @Test
  void clientsThatLeaveWhileTheirEmbeddingsAreSentGiveTheirPlacesBackAndLeaveNothingInTheLog()
      throws IOException {
    long[] lengths = new long[MAX_BODY / TestFiles.DIM / Float.BYTES - 10];
    Arrays.fill(lengths, 1);
    byte[] body =
        Files.readAllBytes(
            TestFiles.safetensors(new float[lengths.length * TestFiles.DIM], lengths));
    String head =
        "POST /pool?pooler=mean HTTP/1.1\r\n"
            + HOST
            + "Content-Type: application/octet-stream\r\nContent-Length: "
            + body.length
            + "\r\n\r\n";
    for (int i = 0; i < 40; i++) {
      try (Socket socket = new Socket()) {
        socket.setReceiveBufferSize(1 << 12);
        socket.setSoLinger(true, 0); // it resets
        socket.connect(new InetSocketAddress("127.0.0.1", server.port()));
        socket.setSoTimeout(30_000);
        socket.getOutputStream().write(head.getBytes(StandardCharsets.ISO_8859_1));
        socket.getOutputStream().write(body);
        assertEquals("HTTP/1.1 200", new String(socket.getInputStream().readNBytes(12)));
      }
    }
    assertEquals(
        "",
        Files.readString(log)
            .lines()
            .filter(line -> line.contains("reset"))
            .findFirst()
            .orElse(""));
  }

  private static boolean answersWithin(Socket socket, int millis) throws IOException {
    socket.setSoTimeout(millis);
    try {
      return new String(socket.getInputStream().readNBytes(12)).equals("HTTP/1.1 429");
    } catch (java.net.SocketTimeoutException e) {
      return false;
    }
  }

  /** A sender of something endless is answered, and then not listened to. */
  @Test
  void aBodyThatIsTooLargeIsNotReadToItsEnd() throws IOException {
    long sent = 0;
    try (Socket socket =
        open(
            "POST /pool HTTP/1.1\r\n"
                + HOST
                + "Content-Type: application/json\r\nContent-Length: 4000000000\r\n\r\n")) {
      byte[] piece = new byte[1 << 16];
      while (sent < 1L << 30) {
        socket.getOutputStream().write(piece);
        sent += piece.length;
      }
    } catch (SocketException closed) {
      // as it should be
    }
    assertTrue(sent < 64 << 20, "it took " + sent + " bytes");
  }

  @Test
  void thereIsALimitOnConnections() throws IOException {
    List<Socket> sockets = new ArrayList<>();
    try {
      boolean refused = false;
      for (int i = 0; i < 130 && !refused; i++) {
        Socket socket = open("GET /health HTTP/1.1\r\n" + HOST + "\r\n");
        sockets.add(socket);
        try {
          refused = socket.getInputStream().read() < 0;
        } catch (SocketException e) {
          refused = true;
        }
      }
      assertTrue(refused, "all were taken");
    } finally {
      for (Socket socket : sockets) {
        socket.close();
      }
    }
  }

  private static Socket open(String sent) throws IOException {
    Socket socket = new Socket("127.0.0.1", server.port());
    socket.setSoTimeout(30_000);
    socket.getOutputStream().write(sent.getBytes(StandardCharsets.ISO_8859_1));
    return socket;
  }

  /** All that comes until the server closes the connection. */
  private static String exchange(String sent) throws IOException {
    try (Socket socket = open(sent);
        InputStream in = socket.getInputStream()) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
