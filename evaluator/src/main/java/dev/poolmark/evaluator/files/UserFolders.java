package dev.poolmark.evaluator.files;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;

/**
 * Where the user's files live, by {@code XDG_CACHE_HOME}, {@code XDG_DATA_HOME} and {@code HOME},
 * and only then by the system's list of users: in a container, that may not know this one.
 *
 * @see <a href="https://specifications.freedesktop.org/basedir-spec/latest/">XDG base
 *     directories</a>
 */
public final class UserFolders {

  private static final String NAME = "poolmark";

  private UserFolders() {}

  /**
   * {@code poolmark} in the user's folder of caches.
   *
   * @throws IOException saying what to set, where there is no such folder
   */
  public static Path cache() throws IOException {
    String os = System.getProperty("os.name").toLowerCase(Locale.ROOT);
    Optional<Path> caches = variable(os.startsWith("windows") ? "LOCALAPPDATA" : "XDG_CACHE_HOME");
    if (caches.isPresent() && !os.startsWith("mac")) {
      return usable(caches.get().resolve(NAME), "XDG_CACHE_HOME");
    }
    String folder =
        os.startsWith("mac")
            ? "Library/Caches"
            : os.startsWith("windows") ? "AppData/Local" : ".cache";
    return usable(home("XDG_CACHE_HOME").resolve(folder).resolve(NAME), "XDG_CACHE_HOME");
  }

  /**
   * Where a server keeps its runs: {@code ~/.poolmark}, or where that isn't there yet and {@code
   * XDG_DATA_HOME} is set, {@code poolmark} there.
   *
   * @throws IOException saying what to set, where there is no such folder
   */
  public static Path data() throws IOException {
    Optional<Path> data = variable("XDG_DATA_HOME");
    Optional<Path> usual = home().map(home -> home.resolve("." + NAME));
    if (data.isPresent() && usual.filter(Files::isDirectory).isEmpty()) {
      return usable(data.get().resolve(NAME), "XDG_DATA_HOME");
    }
    return usable(home("XDG_DATA_HOME").resolve("." + NAME), "XDG_DATA_HOME");
  }

  /**
   * Lets DJL and JNA, which know the system's list of users alone, unpack their native libraries:
   * DJL where the user's files are, and where there is no such place into the temporary folder, as
   * JNA. Must come before their first use.
   */
  public static void pointLibraries() {
    System.setProperty("jna.tmpdir", System.getProperty("java.io.tmpdir"));
    variable("HOME").ifPresent(home -> System.setProperty("user.home", home.toString()));
    boolean chosen =
        System.getenv("DJL_CACHE_DIR") != null || System.getProperty("DJL_CACHE_DIR") != null;
    if (!chosen && home().isEmpty()) {
      Path parent =
          variable("XDG_CACHE_HOME")
              .map(caches -> caches.resolve(NAME))
              .orElseGet(() -> Path.of(System.getProperty("java.io.tmpdir")));
      System.setProperty("DJL_CACHE_DIR", parent.resolve("djl").toString());
    }
  }

  private static Path home(String variable) throws IOException {
    Optional<Path> home = home();
    if (home.isEmpty()) {
      throw new IOException(
          String.format(
              Locale.ROOT, "expected a home folder, found none: set HOME or %s", variable));
    }
    return home.get();
  }

  /** A folder that is there, or can be made. */
  private static Path usable(Path folder, String variable) throws IOException {
    Path there = folder;
    while (Files.notExists(there) && there.getParent() != null) {
      there = there.getParent();
    }
    if (there != folder && !Files.isWritable(there)) {
      throw new IOException(
          String.format(
              Locale.ROOT,
              "%s: expected a folder that can be made, found that %s can't be written: set %s",
              folder,
              there,
              variable));
    }
    return folder;
  }

  /** Java says {@code ?} for a user that the system doesn't know. */
  private static Optional<Path> home() {
    return variable("HOME")
        .or(() -> Optional.of(Path.of(System.getProperty("user.home"))).filter(Path::isAbsolute));
  }

  private static Optional<Path> variable(String name) {
    return Optional.ofNullable(System.getenv(name)).map(Path::of).filter(Path::isAbsolute);
  }
}
