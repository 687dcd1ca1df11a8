package dev.poolmark.server;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;

/** Many clients with large bodies at once: what they are answered, and what memory that takes. */
final class FloodLoad {

  private static final int CLIENTS = 1000;
  private static final int BODY_BYTES = 8 << 20;
  private static final int ROUNDS = 4;
  private static final int PIECE_BYTES = 1 << 16;

  private FloodLoad() {}

  static void run() throws Exception {
    try (ServerProcess server = ServerProcess.start(TestFiles.folder("flood"))) {
      for (String path : List.of("/embed", "/pool", "/v1/embeddings")) {
        byte[] body = body(path);
        for (int round = 1; round <= ROUNDS; round++) {
          AtomicLong most = new AtomicLong();
          Map<String, Integer> answers = round(server, path, body, most);
          System.out.printf(
              Locale.ROOT,
              "flood, %s, round %d: %d clients with %d MiB each, answers %s, at most %d MB of memory%n",
              path,
              round,
              CLIENTS,
              BODY_BYTES >> 20,
              answers,
              most.get() / 1_000_000);
        }
      }
    }
  }

  /** Well-formed, of about so many bytes: long texts, or tokens. */
  private static byte[] body(String path) {
    StringBuilder json = new StringBuilder(BODY_BYTES);
    if (path.equals("/pool")) {
      String token = "[" + "0.125,".repeat(767) + "0.125],";
      json.append("{\"pooler\":\"sum\",\"inputs\":[[");
      json.append(token.repeat((BODY_BYTES - 100) / token.length()));
      json.setLength(json.length() - 1);
      return json.append("]]}").toString().getBytes(StandardCharsets.UTF_8);
    }
    json.append(path.startsWith("/v1") ? "{\"input\":[" : "{\"inputs\":[");
    String text = "\"" + "word ".repeat(800) + "\",";
    json.append(text.repeat((BODY_BYTES - 100) / text.length()));
    json.setLength(json.length() - 1);
    return json.append("]}").toString().getBytes(StandardCharsets.UTF_8);
  }

  private static Map<String, Integer> round(
      ServerProcess server, String path, byte[] body, AtomicLong most)
      throws InterruptedException, IOException {
    Map<String, Integer> answers = new TreeMap<>();
    List<Thread> clients = new ArrayList<>();
    for (int i = 0; i < CLIENTS; i++) {
      Thread client =
          new Thread(
              () -> {
                String answer = ask(server.port(), path, body);
                synchronized (answers) {
                  answers.merge(answer, 1, Integer::sum);
                }
              });
      client.start();
      clients.add(client);
    }
    for (Thread client : clients) {
      while (client.isAlive()) {
        client.join(100);
        most.accumulateAndGet(residentBytes(server.pid()), Math::max);
      }
    }
    return answers;
  }

  /** The status, which may come before all of the body is sent. */
  private static String ask(int port, String path, byte[] body) {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      Thread sender = new Thread(() -> send(socket, path, body));
      sender.start();
      InputStream in = socket.getInputStream();
      byte[] line = in.readNBytes("HTTP/1.1 200".length());
      return line.length < 12 ? "closed" : new String(line, 9, 3, StandardCharsets.UTF_8);
    } catch (IOException e) {
      return e.getClass().getSimpleName();
    }
  }

  private static void send(Socket socket, String path, byte[] body) {
    String head =
        String.format(
            Locale.ROOT,
            "POST %s HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                + "Content-Length: %d\r\n\r\n",
            path,
            body.length);
    try {
      OutputStream out = socket.getOutputStream();
      out.write(head.getBytes(StandardCharsets.UTF_8));
      for (int from = 0; from < body.length; from += PIECE_BYTES) {
        out.write(body, from, Math.min(PIECE_BYTES, body.length - from));
      }
    } catch (IOException e) {
      // It has its answer, and the connection is closed.
    }
  }

  private static long residentBytes(long pid) throws IOException {
    return Files.readAllLines(Path.of("/proc", Long.toString(pid), "status")).stream()
        .filter(line -> line.startsWith("VmRSS:"))
        .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")) * 1024)
        .sum();
  }
}
