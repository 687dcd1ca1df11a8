package dev.poolmark.evaluator.files;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/**
 * Unpacks a gzip file as {@code gzip -d} does: all its members, each checked, zeros after the last
 * one passed over, anything else there refused. The JDK's own stream takes a damaged second member
 * for the end.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc1952">RFC 1952</a>
 */
final class GzipStream extends InputStream {

  private static final int MAGIC = 0x8B1F;
  private static final int DEFLATE = 8;
  private static final int HAS_HEADER_SUM = 2;
  private static final int HAS_EXTRA = 4;
  private static final int HAS_NAME = 8;
  private static final int HAS_COMMENT = 16;
  private static final int RESERVED = 0xE0;

  private final Path file;
  private final InputStream in;
  private final byte[] buffer = new byte[1 << 16];
  private int at;
  private int filled;
  private final Inflater inflater = new Inflater(true);
  private final CRC32 sum = new CRC32();
  private final CRC32 headerSum = new CRC32();
  private int members;
  private boolean inMember;
  private boolean atEnd;

  /**
   * @param in the file's bytes, closed with this
   */
  GzipStream(Path file, InputStream in) {
    this.file = file;
    this.in = in;
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
  }

  @Override
  public int read(byte[] target, int from, int length) throws IOException {
    while (length > 0) {
      if (!inMember && !beginMember()) {
        return -1;
      }
      int count = inflate(target, from, length);
      if (count > 0) {
        sum.update(target, from, count);
        return count;
      }
      if (inflater.finished()) {
        endMember();
      } else if (inflater.needsDictionary()) {
        throw bad("one that needs a dictionary");
      } else if (inflater.needsInput()) {
        if (!fill()) {
          throw cutOff();
        }
        inflater.setInput(buffer, 0, filled);
        at = filled;
      }
    }
    return 0;
  }

  private int inflate(byte[] target, int from, int length) {
    try {
      return inflater.inflate(target, from, length);
    } catch (DataFormatException e) {
      throw bad("damaged data" + (e.getMessage() == null ? "" : ", " + e.getMessage()));
    }
  }

  /** Reads a member's header; false at the end of the file. */
  private boolean beginMember() throws IOException {
    if (atEnd) {
      return false;
    }
    int first = next();
    boolean zeros = members > 0 && first == 0;
    while (zeros && first == 0) {
      first = next();
    }
    if (first < 0) {
      if (members == 0) {
        throw bad("an empty file");
      }
      atEnd = true;
      return false;
    }
    headerSum.reset();
    headerSum.update(first);
    if (zeros || first != (MAGIC & 0xFF) || needed() != MAGIC >> 8) {
      throw bad(members == 0 ? "other bytes" : "other bytes after its end");
    }
    readHeader();
    inflater.reset();
    inflater.setInput(buffer, at, filled - at);
    at = filled;
    sum.reset();
    inMember = true;
    members++;
    return true;
  }

  private void readHeader() throws IOException {
    int method = needed();
    int flags = needed();
    if (method != DEFLATE || (flags & RESERVED) != 0) {
      throw bad("a packing of another kind");
    }
    skip(6); // time, and hints of how and where it was packed
    if ((flags & HAS_EXTRA) != 0) {
      skip(needed() | needed() << 8);
    }
    if ((flags & HAS_NAME) != 0) {
      skipText();
    }
    if ((flags & HAS_COMMENT) != 0) {
      skipText();
    }
    if ((flags & HAS_HEADER_SUM) != 0) {
      int expected = (int) headerSum.getValue() & 0xFFFF;
      if ((needed() | needed() << 8) != expected) {
        throw bad("a damaged header");
      }
    }
  }

  private void skip(int bytes) throws IOException {
    for (int i = 0; i < bytes; i++) {
      needed();
    }
  }

  private void skipText() throws IOException {
    while (needed() != 0) {
      // up to its end
    }
  }

  /** Compares the data with the checksum and the length that follow it. */
  private void endMember() throws IOException {
    at = filled - inflater.getRemaining();
    long expectedSum = fourBytes();
    long expectedLength = fourBytes();
    if (expectedSum != sum.getValue()) {
      throw bad("damaged data, of another checksum");
    } else if (expectedLength != (inflater.getBytesWritten() & 0xFFFFFFFFL)) {
      throw bad("damaged data, of another length");
    }
    inMember = false;
  }

  private long fourBytes() throws IOException {
    return needed() | needed() << 8 | needed() << 16 | (long) needed() << 24;
  }

  private int needed() throws IOException {
    int next = next();
    if (next < 0) {
      throw cutOff();
    }
    headerSum.update(next);
    return next;
  }

  private int next() throws IOException {
    return at < filled || fill() ? buffer[at++] & 0xFF : -1;
  }

  private boolean fill() throws IOException {
    at = 0;
    filled = Math.max(0, in.read(buffer, 0, buffer.length));
    return filled > 0;
  }

  private BadDataException cutOff() {
    return bad("one that is cut off");
  }

  private BadDataException bad(String found) {
    return new BadDataException(file, "a whole gzip file", found);
  }

  @Override
  public void close() throws IOException {
    inflater.end();
    in.close();
  }
}
