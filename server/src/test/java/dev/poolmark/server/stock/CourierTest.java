package dev.poolmark.server.stock;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.poolmark.evaluator.files.Sha256;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files that come from another node over a connection on which much may go wrong. */
class CourierTest {

  private static final int BYTES = 1_000_000;

  @TempDir private Path folder;

  private final byte[] content = new byte[BYTES];
  private final Parcel.Item item;

  CourierTest() {
    new Random(3).nextBytes(content);
    item =
        new Parcel.Item(
            "tokens.bin", BYTES, HexFormat.of().formatHex(Sha256.newDigest().digest(content)));
  }

  @Test
  void aTransferThatBreaksOffGoesOnWhereItWas() throws Exception {
    try (OtherNode node = new OtherNode(content, 300_000)) {
      assertArrayEquals(content, taken(node, Optional.of("a token")));
      assertEquals(4, node.requests.size(), node.requests.toString());
      assertTrue(node.requests.get(0).contains("GET /nodes/files/" + item.sha256()));
      List<Integer> starts = new ArrayList<>();
      for (String request : node.requests) {
        assertTrue(request.contains("Authorization: Bearer a token"), request);
        starts.add(
            request.contains("Range: bytes=")
                ? Integer.parseInt(request.replaceFirst("(?s).*Range: bytes=(\\d+)-.*", "$1"))
                : 0);
      }
      assertEquals(List.of(0, 300_000, 600_000, 900_000), starts);
    }
  }

  @Test
  void aByteThatWasFlippedOnTheWayIsRefused() throws Exception {
    byte[] flipped = content.clone();
    flipped[777_777] ^= 1;
    try (OtherNode node = new OtherNode(flipped, BYTES)) {
      IOException refusal =
          assertThrows(Courier.DamagedException.class, () -> taken(node, Optional.empty()));
      assertTrue(
          refusal.getMessage().contains("expected content of sha256 " + item.sha256()),
          refusal.getMessage());
    }
  }

  @Test
  void whatIsLongerThanItWasToldToBeIsCutOffAndRefused() throws Exception {
    byte[] longer = new byte[BYTES + 1];
    System.arraycopy(content, 0, longer, 0, BYTES);
    try (OtherNode node = new OtherNode(longer, longer.length)) {
      IOException refusal = assertThrows(IOException.class, () -> taken(node, Optional.empty()));
      assertTrue(
          refusal.getMessage().endsWith("expected 1000000 bytes, found more"),
          refusal.getMessage());
      assertEquals(1, node.requests.size());
    }
  }

  @Test
  void aNodeThatIsGoneIsGivenUp() throws Exception {
    OtherNode node = new OtherNode(content, BYTES);
    node.close();
    assertThrows(IOException.class, () -> taken(node, Optional.empty()));
  }

  @Test
  void nobodyWaitsForWhatIsNoLongerWanted() throws Exception {
    try (OtherNode node = new OtherNode(content, 100_000)) {
      Courier courier = new Courier(Optional.empty(), () -> node.requests.size() == 3);
      try (FileChannel file = file()) {
        assertThrows(CancellationException.class, () -> courier.take(node.url(), item, file));
      }
      assertTrue(node.requests.size() <= 3, node.requests.toString());
    }
  }

  @Test
  void aParcelThatLeadsOutOfItsFolderIsNone() {
    for (String path : List.of("../x", "a/../../x", "/etc/passwd", "a//b", "", ".", "a\\b")) {
      assertThrows(
          IllegalArgumentException.class, () -> new Parcel.Item(path, 1, item.sha256()), path);
    }
    for (String name : List.of("..", "a/b", "")) {
      assertThrows(
          IllegalArgumentException.class, () -> new Parcel(name, true, List.of(item)), name);
    }
  }

  private byte[] taken(OtherNode node, Optional<String> token) throws IOException {
    try (FileChannel file = file()) {
      new Courier(token, () -> false).take(node.url(), item, file);
    }
    return Files.readAllBytes(folder.resolve("taken"));
  }

  private FileChannel file() throws IOException {
    return FileChannel.open(
        folder.resolve("taken"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
  }

  /** Sends a file, and hangs up after so many bytes of each answer. */
  private static final class OtherNode implements AutoCloseable {

    private final ServerSocket socket = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    private final List<String> requests = new CopyOnWriteArrayList<>();
    private final byte[] content;
    private final int patience;

    OtherNode(byte[] content, int patience) throws IOException {
      this.content = content;
      this.patience = patience;
      Thread thread = new Thread(this::serve, "other-node");
      thread.setDaemon(true);
      thread.start();
    }

    URI url() {
      return URI.create("http://127.0.0.1:" + socket.getLocalPort() + "/");
    }

    private void serve() {
      while (!socket.isClosed()) {
        try (Socket client = socket.accept()) {
          answer(client);
        } catch (IOException e) {
          // The other end has hung up, or the test is over.
        }
      }
    }

    private void answer(Socket client) throws IOException {
      BufferedReader in = new BufferedReader(new InputStreamReader(client.getInputStream()));
      StringBuilder request = new StringBuilder();
      for (String line = in.readLine(); line != null && !line.isEmpty(); line = in.readLine()) {
        request.append(line).append('\n');
      }
      requests.add(request.toString());
      int from = 0;
      String status = "200 OK";
      if (request.indexOf("Range: bytes=") >= 0) {
        from = Integer.parseInt(request.toString().replaceFirst("(?s).*bytes=(\\d+)-.*", "$1"));
        status = "206 Partial Content";
      }
      OutputStream out = client.getOutputStream();
      int length = content.length - from;
      out.write(("HTTP/1.1 " + status + "\r\nContent-Length: " + length + "\r\n\r\n").getBytes());
      out.write(content, from, Math.min(length, patience));
      out.flush();
    }

    @Override
    public void close() throws IOException {
      socket.close();
    }
  }
}
