package dev.poolmark.server;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.WebSocket;
import io.vertx.core.http.WebSocketClient;
import io.vertx.core.http.WebSocketClientOptions;
import io.vertx.core.http.WebSocketConnectOptions;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/** Some watch one run, or many do, a tenth of them never reading, while a probe asks for health. */
final class WatcherLoad {

  private static final String LONG = "long";

  private final Vertx vertx;
  private final WebSocketClient sockets;

  WatcherLoad(Vertx vertx) {
    this.vertx = vertx;
    this.sockets =
        vertx.createWebSocketClient(new WebSocketClientOptions().setMaxConnections(1000));
  }

  void run() throws Exception {
    Path plugins = TestFiles.folder("plugins");
    TestFiles.writeRogueJar(plugins.resolve("rogue.jar"));
    writeLong();
    try (ServerProcess server =
        ServerProcess.start(TestFiles.folder("bench"), "--plugins", plugins.toString())) {
      Client client = new Client(vertx, server);
      client.end(client.start("mean"));
      try (Probe probe = new Probe(server)) {
        Thread.sleep(8000);
        System.out.println("health of an idle server: " + probe.result());
      }
      watched(server, client, 5);
      watched(server, client, 500);
    }
  }

  /** The toy data, several times over. */
  private static void writeLong() throws IOException {
    Path root = TestFiles.dataRoot();
    Path folder = Files.createDirectories(root.resolve(LONG));
    for (String name : List.of("first.txt", "second.txt", "labels.txt")) {
      byte[] once = Files.readAllBytes(root.resolve("toy").resolve(name));
      try (OutputStream out = Files.newOutputStream(folder.resolve(name))) {
        for (int i = 0; i < 5; i++) {
          out.write(once);
        }
      }
    }
  }

  private void watched(ServerProcess server, Client client, int watchers) throws Exception {
    String id =
        client.start(
            new JsonObject().put("pooler", "slow").put("dataset", LONG).put("batch_size", 1));
    int readingNothing = watchers / 10;
    int reading = watchers - readingNothing;
    AtomicInteger ends = new AtomicInteger();
    AtomicLong messages = new AtomicLong();
    List<Future<WebSocket>> readers = new ArrayList<>();
    List<Socket> silent = new ArrayList<>();
    try (Probe probe = new Probe(server)) {
      for (int i = 0; i < reading; i++) {
        readers.add(watch(server, id, messages, ends));
      }
      Client.await(Future.all(readers));
      for (int i = 0; i < readingNothing; i++) {
        silent.add(watchSilently(server, id));
      }
      Thread.sleep(500);
      int found = client.json("/info").getInteger("watchers");
      client.end(id);
      String health = probe.result();
      Thread.sleep(1000);
      System.out.printf(
          "watchers: %d of one run, %d of them reading nothing; run %s; %d of %d readers got the"
              + " end, %.1f messages each%nhealth while it went on: %s%n",
          found,
          readingNothing,
          client.json("/runs/" + id).getString("status"),
          ends.get(),
          reading,
          messages.get() / (double) reading,
          health);
    } finally {
      for (Socket socket : silent) {
        socket.close();
      }
    }
  }

  private Future<WebSocket> watch(
      ServerProcess server, String id, AtomicLong messages, AtomicInteger ends) {
    WebSocketConnectOptions options =
        new WebSocketConnectOptions()
            .setHost("127.0.0.1")
            .setPort(server.port())
            .setURI("/runs/" + id + "/progress");
    return sockets
        .connect(options)
        .onSuccess(
            socket ->
                socket.textMessageHandler(
                    text -> {
                      messages.incrementAndGet();
                      if (text.startsWith("{\"type\":\"done\"")) {
                        ends.incrementAndGet();
                      }
                    }));
  }

  private static Socket watchSilently(ServerProcess server, String id) throws IOException {
    Socket socket = new Socket();
    socket.setReceiveBufferSize(1024);
    socket.connect(new InetSocketAddress("127.0.0.1", server.port()));
    String upgrade =
        "GET /runs/%s/progress HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nConnection: Upgrade\r\nUpgrade:"
            + " websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key:"
            + " AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n";
    socket.getOutputStream().write(upgrade.formatted(id, server.port()).getBytes());
    return socket;
  }

  /** A {@link HealthProbe} at work. */
  static final class Probe implements AutoCloseable {

    private final Process process;

    Probe(ServerProcess server) throws IOException {
      String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
      process =
          new ProcessBuilder(
                  java,
                  "-XX:+UseSerialGC",
                  "-cp",
                  System.getProperty("java.class.path"),
                  HealthProbe.class.getName(),
                  Integer.toString(server.port()))
              .redirectError(ProcessBuilder.Redirect.INHERIT)
              .start();
      process.inputReader().readLine();
    }

    /** Ends it. */
    String result() throws IOException {
      process.getOutputStream().write('\n');
      process.getOutputStream().flush();
      return process.inputReader().readLine();
    }

    @Override
    public void close() {
      process.destroy();
    }
  }
}
