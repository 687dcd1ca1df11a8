package dev.poolmark.server.http;

import dev.poolmark.server.http.answer.ApiException;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.streams.WriteStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Supplier;

/**
 * A file that takes a body of so many bytes and no more. A worker writes it in large pieces, since
 * each costs a way there and back.
 */
final class BodyFile implements WriteStream<Buffer> {

  /** Larger arrays get regions of their own in the heap, and waste a part of them. */
  private static final int PIECE_BYTES = 256 << 10;

  private static final int MAX_WAITING = 8;

  private final Vertx vertx;
  private final FileChannel file;
  private final long limit;
  private final Supplier<ApiException> beyond;
  private final Deque<byte[]> spare = new ArrayDeque<>();
  private byte[] piece = new byte[PIECE_BYTES];
  private int filled;
  private int waiting;
  private long taken;
  private Future<Void> written = Future.succeededFuture();
  private Handler<Void> drained = unused -> {};

  private BodyFile(Vertx vertx, FileChannel file, long limit, Supplier<ApiException> beyond) {
    this.vertx = vertx;
    this.file = file;
    this.limit = limit;
    this.beyond = beyond;
  }

  /** Makes a file, which must not be there yet. */
  static Future<BodyFile> open(Vertx vertx, Path path, long limit, Supplier<ApiException> beyond) {
    return vertx
        .executeBlocking(
            () -> FileChannel.open(path, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
            false)
        .map(file -> new BodyFile(vertx, file, limit, beyond));
  }

  /** How many bytes it took. */
  long taken() {
    return taken;
  }

  @Override
  public Future<Void> write(Buffer data) {
    if (taken + data.length() > limit) {
      return Future.failedFuture(beyond.get());
    }
    taken += data.length();
    for (int from = 0; from < data.length(); ) {
      int count = Math.min(data.length() - from, PIECE_BYTES - filled);
      data.getBytes(from, from + count, piece, filled);
      from += count;
      filled += count;
      if (filled == PIECE_BYTES) {
        writePiece();
      }
    }
    return written;
  }

  private void writePiece() {
    byte[] full = piece;
    ByteBuffer bytes = ByteBuffer.wrap(full, 0, filled);
    piece = spare.isEmpty() ? new byte[PIECE_BYTES] : spare.pop();
    filled = 0;
    waiting++;
    written =
        written
            .compose(before -> vertx.executeBlocking(() -> written(bytes), false))
            .onComplete(
                done -> {
                  spare.push(full);
                  waiting--;
                  if (waiting == MAX_WAITING / 2) {
                    drained.handle(null);
                  }
                });
  }

  private Void written(ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      file.write(bytes);
    }
    return null;
  }

  @Override
  public Future<Void> end() {
    writePiece();
    return written;
  }

  Future<Void> close() {
    return written.eventually(
        () ->
            vertx.executeBlocking(
                () -> {
                  file.close();
                  return null;
                },
                false));
  }

  @Override
  public WriteStream<Buffer> setWriteQueueMaxSize(int maxSize) {
    return this;
  }

  @Override
  public boolean writeQueueFull() {
    return waiting >= MAX_WAITING;
  }

  @Override
  public WriteStream<Buffer> drainHandler(Handler<Void> handler) {
    drained = handler == null ? unused -> {} : handler;
    return this;
  }

  @Override
  public WriteStream<Buffer> exceptionHandler(Handler<Throwable> handler) {
    return this; // what goes wrong fails the write
  }
}
