package dev.poolmark.evaluator.files;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.Map;

/**
 * Files that can be read but once, as {@code <(command)} is, and are opened several times: checked,
 * hashed, and then read. What was read of one is kept in the temporary folder, and the next reader
 * begins there.
 */
final class Pipes {

  private static final int KIND = 0xF000;
  private static final int PIPE = 0x1000;
  private static final int SOCKET = 0xC000;

  private static final Map<Path, Pipe> OPENED = new HashMap<>();

  private Pipes() {}

  /** Opens a file of any kind, a pipe from its beginning as long as this process lives. */
  static InputStream open(Path file) throws IOException {
    if (!isPipe(file)) {
      return Files.newInputStream(file);
    }
    synchronized (OPENED) {
      Pipe pipe = OPENED.get(file);
      if (pipe == null) {
        pipe = new Pipe(Files.newInputStream(file), kept());
        OPENED.put(file, pipe);
      }
      return pipe.reader();
    }
  }

  /** By its mode, which Windows has none of; its pipes are files to nobody. */
  static boolean isPipe(Path file) throws IOException {
    if (Files.isRegularFile(file) || !Files.exists(file)) {
      return false;
    }
    try {
      int kind = (Integer) Files.getAttribute(file, "unix:mode") & KIND;
      return kind == PIPE || kind == SOCKET;
    } catch (UnsupportedOperationException | IllegalArgumentException e) {
      return false;
    }
  }

  private static FileChannel kept() throws IOException {
    Path folder = Path.of(System.getProperty("java.io.tmpdir"));
    try {
      return FileChannel.open(
          Files.createTempFile(folder, "poolmark-pipe-", null),
          StandardOpenOption.READ,
          StandardOpenOption.WRITE,
          StandardOpenOption.DELETE_ON_CLOSE);
    } catch (IOException e) {
      throw UnwrittenException.of(folder, e);
    }
  }

  /** What came so far, and what is still to come. */
  private static final class Pipe {

    private final InputStream source;
    private final FileChannel kept;
    private long size;

    Pipe(InputStream source, FileChannel kept) {
      this.source = source;
      this.kept = kept;
    }

    /** Bytes at a place; -1 where the pipe has ended before. */
    private synchronized int read(long at, byte[] target, int from, int length) throws IOException {
      if (at == size) {
        int count = source.read(target, from, length);
        if (count > 0) {
          keep(ByteBuffer.wrap(target, from, count));
        }
        return count;
      }
      return kept.read(ByteBuffer.wrap(target, from, (int) Math.min(length, size - at)), at);
    }

    private void keep(ByteBuffer bytes) throws IOException {
      try {
        while (bytes.hasRemaining()) {
          size += kept.write(bytes, size);
        }
      } catch (IOException e) {
        throw UnwrittenException.of(Path.of(System.getProperty("java.io.tmpdir")), e);
      }
    }

    InputStream reader() {
      return new InputStream() {
        private long at;

        @Override
        public int read() throws IOException {
          byte[] one = new byte[1];
          return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
        }

        @Override
        public int read(byte[] target, int from, int length) throws IOException {
          int count = length == 0 ? 0 : Pipe.this.read(at, target, from, length);
          at += Math.max(0, count);
          return count;
        }
      };
    }
  }
}
