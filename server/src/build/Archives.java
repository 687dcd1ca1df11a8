import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.Deflater;
import java.util.zip.ZipEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.zip.ZipArchiveEntry;
import org.apache.commons.compress.archivers.zip.ZipArchiveOutputStream;
import org.apache.commons.compress.compressors.gzip.GzipCompressorOutputStream;
import org.apache.commons.compress.compressors.gzip.GzipParameters;

/**
 * Packs a distribution as NAME.tar.gz and NAME.zip. Nearly all of it is jars, which are compressed
 * already, so both are made the fast way.
 */
final class Archives {

  private static final int PROGRAM = 0755;
  private static final int OTHER = 0644;

  private final Path home;
  private final String name;
  private final List<Path> files;

  private Archives(Path home, String name, List<Path> files) {
    this.home = home;
    this.name = name;
    this.files = files;
  }

  /**
   * @param args the distribution; the archives' path without their ending
   */
  public static void main(String[] args) throws IOException {
    Path home = Path.of(args[0]);
    Path target = Path.of(args[1]);
    try (Stream<Path> all = Files.walk(home)) {
      List<Path> files = all.filter(Files::isRegularFile).filter(Archives::isKept).sorted().toList();
      Archives archives = new Archives(home, target.getFileName().toString(), files);
      archives.writeTar(Path.of(target + ".tar.gz"));
      archives.writeZip(Path.of(target + ".zip"));
    }
  }

  /** A class archive is good for the JVM and the folder where it was made. */
  private static boolean isKept(Path file) {
    return !file.toString().endsWith(".jsa");
  }

  private String entryName(Path file) {
    return name + "/" + home.relativize(file).toString().replace('\\', '/');
  }

  private int mode(Path file) {
    return home.relativize(file).startsWith("bin") ? PROGRAM : OTHER;
  }

  private void writeTar(Path to) throws IOException {
    GzipParameters fast = new GzipParameters();
    fast.setCompressionLevel(Deflater.BEST_SPEED);
    try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(to), 1 << 16);
        TarArchiveOutputStream tar =
            new TarArchiveOutputStream(new GzipCompressorOutputStream(out, fast), "UTF-8")) {
      tar.setLongFileMode(TarArchiveOutputStream.LONGFILE_POSIX);
      for (Path file : files) {
        TarArchiveEntry entry = new TarArchiveEntry(entryName(file));
        entry.setSize(Files.size(file));
        entry.setModTime(Files.getLastModifiedTime(file));
        entry.setMode(mode(file));
        tar.putArchiveEntry(entry);
        Files.copy(file, tar);
        tar.closeArchiveEntry();
      }
    }
  }

  private void writeZip(Path to) throws IOException {
    Files.deleteIfExists(to);
    try (ZipArchiveOutputStream zip = new ZipArchiveOutputStream(to)) {
      for (Path file : files) {
        ZipArchiveEntry entry = new ZipArchiveEntry(entryName(file));
        entry.setTime(Files.getLastModifiedTime(file));
        entry.setUnixMode(0100000 | mode(file));
        entry.setMethod(file.toString().endsWith(".jar") ? ZipEntry.STORED : ZipEntry.DEFLATED);
        entry.setSize(Files.size(file));
        zip.putArchiveEntry(entry);
        Files.copy(file, zip);
        zip.closeArchiveEntry();
      }
    }
  }
}
