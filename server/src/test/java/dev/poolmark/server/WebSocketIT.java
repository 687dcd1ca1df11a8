package dev.poolmark.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import io.vertx.junit5.VertxExtension;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HexFormat;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** With what code a WebSocket is closed, by RFC 6455, section 7.4. */
@ExtendWith(VertxExtension.class)
class WebSocketIT {

  private static ServerProcess server;
  private static Client client;

  @BeforeAll
  static void start(Vertx vertx) throws IOException {
    server = server();
    client = new Client(vertx, server);
  }

  private static ServerProcess server() throws IOException {
    Path plugins = TestFiles.folder("plugins");
    TestFiles.writeRogueJar(plugins.resolve("rogue.jar"));
    return ServerProcess.start(
        TestFiles.folder("websocket"), "--plugins", plugins.toString(), "--drain", "0");
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  /** Frames without their masks; a repeated byte is written {@code 61*5000}. */
  @ParameterizedTest
  @CsvSource({
    "a text whose bits are reserved, 1002, 'c1 61*2'",
    "a frame of no known kind, 1002, '83 61*2'",
    "a ping in pieces, 1002, '09 61*2'",
    "a ping that is too long, 1002, '89 61*126'",
    "the rest of nothing, 1002, '80 61*2'",
    "a text within a text, 1002, '01 61*2|81 61*2'",
    "a text in pieces that is no UTF-8, 1007, '01 c3*1|80 28*1'",
    "a close of one byte, 1002, '88 03*1'",
    "a text that is no UTF-8, 1007, '81 c3*2'",
    "a long text, 1009, '81 61*5000'",
    "a text in many pieces, 1009, '01 61*2000|00 61*2000|80 61*2000'",
    "a long message of bytes, 1009, '82 00*70000'",
    "an orderly end, 1000, '88 03e8'",
  })
  void aClientsFaultIsToldByItsCode(String fault, int code, String frames) throws Exception {
    String run = slowRun(client);
    try (Raw socket = new Raw(server.port(), run)) {
      for (String frame : frames.split("\\|")) { // whether they come in one piece is chance
        socket.send(Integer.parseInt(frame.substring(0, 2), 16), payload(frame.substring(3)));
      }
      assertEquals(code, socket.closedWith(), fault);
    } finally {
      client.delete("/runs/" + run);
    }
  }

  @Test
  void aFrameWithoutAMaskIsAFaultOfTheProtocol() throws Exception {
    String run = slowRun(client);
    try (Raw socket = new Raw(server.port(), run)) {
      socket.write(new byte[] {(byte) 0x81, 2, 'h', 'i'});
      assertEquals(1002, socket.closedWith());
    } finally {
      client.delete("/runs/" + run);
    }
  }

  @Test
  void aServerThatGoesSaysSo(Vertx vertx) throws Exception {
    try (ServerProcess going = server()) {
      String run = slowRun(new Client(vertx, going));
      try (Raw socket = new Raw(going.port(), run)) {
        going.askToEnd();
        assertEquals(1001, socket.closedWith());
      }
    }
  }

  private static String slowRun(Client client) {
    return client.start(
        new JsonObject().put("pooler", "slow").put("dataset", "toy").put("batch_size", 1));
  }

  private static byte[] payload(String written) {
    int star = written.indexOf('*');
    return HexFormat.of()
        .parseHex(
            star < 0
                ? written
                : written.substring(0, star).repeat(Integer.parseInt(written.substring(star + 1))));
  }

  /** A client that says what no library would. */
  private static final class Raw implements AutoCloseable {

    private final Socket socket;
    private final DataInputStream in;

    Raw(int port, String run) throws IOException {
      socket = new Socket("127.0.0.1", port);
      socket.setSoTimeout(60_000);
      in = new DataInputStream(socket.getInputStream());
      String request =
          "GET /runs/%s/progress HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\n"
                  .formatted(run)
              + "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
              + "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n";
      write(request.getBytes(StandardCharsets.US_ASCII));
      StringBuilder head = new StringBuilder();
      while (head.indexOf("\r\n\r\n") < 0) {
        head.append((char) in.readUnsignedByte());
      }
      assertTrue(head.toString().startsWith("HTTP/1.1 101 "), head::toString);
    }

    void write(byte[] bytes) throws IOException {
      socket.getOutputStream().write(bytes);
      socket.getOutputStream().flush();
    }

    /** A frame with a mask of zeros. */
    void send(int first, byte[] payload) throws IOException {
      ByteArrayOutputStream frame = new ByteArrayOutputStream();
      frame.write(first);
      int length = payload.length;
      if (length < 126) {
        frame.write(0x80 | length);
      } else if (length < 65_536) {
        frame.writeBytes(new byte[] {(byte) (0x80 | 126), (byte) (length >> 8), (byte) length});
      } else {
        frame.writeBytes(new byte[] {(byte) (0x80 | 127), 0, 0, 0, 0});
        frame.writeBytes(
            new byte[] {
              (byte) (length >> 24), (byte) (length >> 16), (byte) (length >> 8), (byte) length
            });
      }
      frame.writeBytes(new byte[4]);
      frame.writeBytes(payload);
      write(frame.toByteArray());
    }

    /** Reads on to the close frame; returns its code. */
    int closedWith() throws IOException {
      while (true) {
        int kind = in.readUnsignedByte() & 0xF;
        int length = in.readUnsignedByte();
        byte[] payload = in.readNBytes(length == 126 ? in.readUnsignedShort() : length);
        if (kind == 8) {
          return (payload[0] & 0xFF) << 8 | payload[1] & 0xFF;
        }
      }
    }

    @Override
    public void close() throws IOException {
      socket.close();
    }
  }
}
