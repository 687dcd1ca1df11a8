package dev.poolmark.evaluator.files;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.Locale;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;

/**
 * Compares what a zip holds with the checksums that it has. Neither Java, which reads jars and
 * submissions, nor libtorch, which reads its archives, does that: a flipped bit would be another
 * program, or another weight.
 */
public final class ZipChecks {

  private ZipChecks() {}

  /**
   * Reads all of a zip.
   *
   * @throws ZipException naming the first entry that is damaged
   */
  public static void check(Path file) throws IOException {
    try (ZipFile zip = new ZipFile(file.toFile())) {
      for (ZipEntry entry : zip.stream().toList()) {
        try (InputStream in = checked(zip.getInputStream(entry), entry)) {
          in.transferTo(OutputStream.nullOutputStream());
        }
      }
    } catch (IllegalArgumentException e) { // of a name that is no text
      throw new ZipException(e.getMessage());
    }
  }

  /** An entry's bytes, whose end throws where they are others than were packed. */
  public static InputStream checked(InputStream in, ZipEntry entry) {
    CRC32 sum = new CRC32();
    return new FilterInputStream(in) {
      @Override
      public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
      }

      @Override
      public int read(byte[] target, int from, int length) throws IOException {
        int count = super.read(target, from, length);
        if (count < 0) {
          compare(sum, entry);
        } else {
          sum.update(target, from, count);
        }
        return count;
      }

      @Override
      public long skip(long bytes) {
        throw new UnsupportedOperationException("what is skipped is not checked");
      }
    };
  }

  /**
   * Compares the checksum of an entry's bytes with the one that it was packed with.
   *
   * @throws ZipException naming the entry
   */
  public static void compare(CRC32 sum, ZipEntry entry) throws ZipException {
    if (entry.getCrc() >= 0 && sum.getValue() != entry.getCrc()) {
      throw new ZipException(
          String.format(Locale.ROOT, "%s has other bytes than were packed", entry.getName()));
    }
  }
}
