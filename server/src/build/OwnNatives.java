import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Enumeration;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;

/**
 * Leaves out of a distribution's jars the native code of other platforms: a distribution has the
 * libtorch of the machine that builds it, and runs nowhere else.
 */
final class OwnNatives {

  /** As the libraries name their folders: linux-x64, Linux-Musl/x86_64, win32-x86-64. */
  private static final Pattern PLATFORM =
      Pattern.compile(
          "(?:^|/)(linux-musl|linux-android|linux|android|osx|mac|macos|darwin|win|win32|windows|"
              + "w32ce|freebsd|openbsd|netbsd|dragonflybsd|sunos|aix)[-/]"
              + "(x86_64|x86-64|x64|amd64|aarch64|arm64|x86|i386|armv6|armv7|arm|armel|ppc64le|ppc64|"
              + "ppc|riscv64|s390x|mips64el|loongarch64|sparcv9|sparc|ia64)/");

  private final String os;
  private final String arch;

  private OwnNatives(String os, String arch) {
    this.os = os;
    this.arch = arch;
  }

  public static void main(String[] args) throws IOException {
    OwnNatives own =
        new OwnNatives(
            os(System.getProperty("os.name").toLowerCase(Locale.ROOT)),
            arch(System.getProperty("os.arch").toLowerCase(Locale.ROOT)));
    try (Stream<Path> files = Files.list(Path.of(args[0], "lib"))) {
      for (Path jar : files.filter(file -> file.toString().endsWith(".jar")).toList()) {
        own.prune(jar);
      }
    }
  }

  private static String os(String name) {
    if (name.startsWith("linux") || name.equals("android")) {
      return name.equals("linux-android") || name.equals("android") ? "android" : "linux";
    } else if (name.startsWith("mac") || name.equals("osx") || name.equals("darwin")) {
      return "mac";
    }
    return name.startsWith("win") ? "windows" : name;
  }

  private static String arch(String name) {
    return switch (name) {
      case "x86_64", "x86-64", "x64", "amd64" -> "x64";
      case "aarch64", "arm64" -> "arm64";
      default -> name;
    };
  }

  private void prune(Path jar) throws IOException {
    List<ZipEntry> kept = new ArrayList<>();
    Path pruned = jar.resolveSibling(jar.getFileName() + ".pruned");
    try (ZipFile file = new ZipFile(jar.toFile())) {
      Enumeration<? extends ZipEntry> entries = file.entries();
      while (entries.hasMoreElements()) {
        ZipEntry entry = entries.nextElement();
        if (isOwn(entry.getName())) {
          kept.add(entry);
        }
      }
      if (kept.size() == file.size()) {
        return;
      }
      copy(file, kept, pruned);
    }
    FileTime time = Files.getLastModifiedTime(jar);
    Files.move(pruned, jar, java.nio.file.StandardCopyOption.REPLACE_EXISTING);
    Files.setLastModifiedTime(jar, time);
  }

  /** What names no platform belongs to all. */
  private boolean isOwn(String entry) {
    Matcher platform = PLATFORM.matcher(entry.toLowerCase(Locale.ROOT));
    return !platform.find()
        || (os(platform.group(1)).equals(os) && arch(platform.group(2)).equals(arch));
  }

  private static void copy(ZipFile file, List<ZipEntry> entries, Path to) throws IOException {
    try (OutputStream out = Files.newOutputStream(to);
        ZipOutputStream jar = new ZipOutputStream(out)) {
      for (ZipEntry entry : entries) {
        ZipEntry copied = new ZipEntry(entry.getName());
        copied.setLastModifiedTime(entry.getLastModifiedTime());
        jar.putNextEntry(copied);
        try (InputStream in = file.getInputStream(entry)) {
          in.transferTo(jar);
        }
        jar.closeEntry();
      }
    }
  }
}
