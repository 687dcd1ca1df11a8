package dev.poolmark.server;

import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/**
 * One connection, and no library between the clock and the server: requests and answers as bytes,
 * the answers of a known length.
 */
final class PlainHttp implements AutoCloseable {

  private final SocketChannel channel;
  private final ByteBuffer in = ByteBuffer.allocateDirect(1 << 20);

  PlainHttp(int port) throws IOException {
    channel = SocketChannel.open(new InetSocketAddress("127.0.0.1", port));
    channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
    in.limit(0);
  }

  /**
   * An answer.
   *
   * @param head status line and headers
   * @param bytes of its body, which is thrown away
   */
  record Answer(int status, String head, long bytes) {

    String header(String name) {
      String start = name.toLowerCase(Locale.ROOT) + ":";
      return head.lines()
          .filter(line -> line.toLowerCase(Locale.ROOT).startsWith(start))
          .map(line -> line.substring(start.length()).strip())
          .findFirst()
          .orElseThrow();
    }
  }

  Answer get(String path) throws IOException {
    send("GET %s HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".formatted(path));
    return answer();
  }

  Answer post(String path, String type, ByteBuffer body) throws IOException {
    send(
        "POST %s HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n"
            .formatted(path, type, body.remaining()));
    while (body.hasRemaining()) {
      channel.write(body);
    }
    return answer();
  }

  void send(String text) throws IOException {
    channel.write(ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII)));
  }

  private Answer answer() throws IOException {
    StringBuilder head = new StringBuilder();
    while (head.indexOf("\r\n\r\n") < 0) {
      head.append((char) next());
    }
    Answer headers = new Answer(Integer.parseInt(head.substring(9, 12)), head.toString(), 0);
    long length = Long.parseLong(headers.header("Content-Length"));
    long left = length - in.remaining();
    in.limit(0);
    while (left > 0) {
      left -= read();
    }
    in.limit(0);
    return new Answer(headers.status(), headers.head(), length);
  }

  private byte next() throws IOException {
    if (!in.hasRemaining()) {
      read();
    }
    return in.get();
  }

  private int read() throws IOException {
    int count = channel.read(in.clear());
    if (count < 0) {
      throw new EOFException("the server has closed the connection");
    }
    in.flip();
    return count;
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
