package dev.poolmark.evaluator.dataset;

import dev.poolmark.evaluator.files.BadDataException;
import dev.poolmark.evaluator.files.TextFile;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import org.jspecify.annotations.Nullable;

/** A text file's unpacked bytes, which another thread reads ahead, unzips and hashes. */
final class ReadAhead extends InputStream {

  private static final int CHUNKS = 4;
  private static final int CHUNK_BYTES = 1 << 18;

  private final Path file;
  private final BlockingQueue<Chunk> empty = new ArrayBlockingQueue<>(CHUNKS);
  private final BlockingQueue<Chunk> full = new ArrayBlockingQueue<>(CHUNKS);
  private final Thread thread;
  private @Nullable Chunk current;
  private int at;

  /**
   * Starts to read.
   *
   * @param hash takes all bytes; the caller may read it after the stream's end
   */
  ReadAhead(Path file, MessageDigest hash) {
    this.file = file;
    for (int i = 0; i < CHUNKS; i++) {
      empty.add(new Chunk());
    }
    this.thread = new Thread(() -> readAll(hash), "read-ahead");
    thread.setDaemon(true);
    thread.start();
  }

  private void readAll(MessageDigest hash) {
    try {
      Chunk chunk = empty.take();
      try (InputStream in = TextFile.open(file)) {
        while (true) {
          chunk.count = in.readNBytes(chunk.bytes, 0, CHUNK_BYTES);
          hash.update(chunk.bytes, 0, chunk.count);
          boolean last = chunk.count < CHUNK_BYTES;
          chunk.last = last;
          full.put(chunk);
          if (last) {
            return;
          }
          chunk = empty.take();
        }
      } catch (IOException | RuntimeException | Error e) {
        chunk.count = 0;
        chunk.problem = e;
        full.put(chunk);
      }
    } catch (InterruptedException e) {
      // The reader has been closed.
    }
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
  }

  @Override
  public int read(byte[] target, int from, int length) throws IOException {
    while (current == null || at == current.count) {
      if (current != null && current.last) {
        return -1;
      }
      advance();
    }
    int count = Math.min(length, current.count - at);
    System.arraycopy(current.bytes, at, target, from, count);
    at += count;
    return count;
  }

  private void advance() throws IOException {
    try {
      if (current != null) {
        empty.put(current);
      }
      current = full.take();
      at = 0;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while " + file + " was read");
    }
    if (current.problem instanceof BadDataException told) {
      throw told;
    }
    if (current.problem != null) {
      throw new IOException(file + " could not be read: " + current.problem, current.problem);
    }
  }

  @Override
  public void close() {
    thread.interrupt();
  }

  private static final class Chunk {
    final byte[] bytes = new byte[CHUNK_BYTES];
    int count;
    boolean last;
    @Nullable Throwable problem;
  }
}
