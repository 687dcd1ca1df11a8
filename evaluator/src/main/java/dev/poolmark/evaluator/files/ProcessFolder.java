package dev.poolmark.evaluator.files;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The temporary folder of this process alone. The libraries below unpack native code into it and
 * leave that behind where the process is killed; then the next process finds the folder without a
 * lock and removes it.
 *
 * <p>The start script makes the folder with the process's id in its name, {@code
 * poolmark-1234-abcdef}, tells Java to use it as {@code java.io.tmpdir}, and says so by the
 * property {@code poolmark.tmpdir}. Without that, as in tests, nothing happens here.
 */
public final class ProcessFolder {

  private static final String PREFIX = "poolmark-";
  private static final Pattern WITH_PROCESS = Pattern.compile(PREFIX + "(\\d{1,10})-.*");
  private static final String LOCK = "process.lock";

  /** An empty folder without a lock may belong to a process that is about to start. */
  private static final Duration STARTING = Duration.ofMinutes(10);

  private ProcessFolder() {}

  /**
   * Takes the folder until the process ends, and sweeps those of processes that died.
   *
   * @throws UnwrittenException where the folder can't be used
   */
  public static void take() throws IOException {
    String given = System.getProperty("poolmark.tmpdir");
    if (given == null) {
      return;
    }
    Path folder = Path.of(given);
    FileChannel lock = locked(folder);
    Runtime.getRuntime()
        .addShutdownHook(new Thread(() -> release(folder, lock), "temporary folder"));
    sweep(folder, Unfinished.parent(folder));
  }

  /** Another process may sweep it away before it is locked; then it is made again. */
  private static FileChannel locked(Path folder) throws IOException {
    try {
      while (true) {
        Files.createDirectories(folder);
        FileChannel lock = open(folder.resolve(LOCK));
        if (lock != null) {
          lock.lock();
          if (Files.exists(folder.resolve(LOCK))) {
            return lock;
          }
          lock.close();
        }
      }
    } catch (IOException e) {
      throw UnwrittenException.of(folder, e);
    }
  }

  /** Null where its folder is gone. */
  private static @Nullable FileChannel open(Path file) throws IOException {
    try {
      return FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    } catch (NoSuchFileException e) {
      return null;
    }
  }

  /** The hook holds the channel until then: one that nobody holds is closed with the garbage. */
  private static void release(Path folder, FileChannel lock) {
    try (lock) {
      delete(folder);
    } catch (IOException e) {
      // The end of the process closes it.
    }
  }

  private static void sweep(Path own, Path temporary) throws IOException {
    try (DirectoryStream<Path> folders = Files.newDirectoryStream(temporary, PREFIX + "*")) {
      for (Path folder : folders) {
        if (!folder.equals(own) && Files.isDirectory(folder) && isLeft(folder)) {
          delete(folder);
        }
      }
    }
    Leftovers.sweep(temporary);
  }

  private static boolean isLeft(Path folder) {
    Path file = folder.resolve(LOCK);
    try {
      if (Files.notExists(file)) {
        return isEmpty(folder) && !isStarting(folder);
      }
      try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE);
          FileLock lock = channel.tryLock()) {
        return lock != null;
      }
    } catch (IOException e) {
      return false; // another user's, or gone
    }
  }

  private static boolean isStarting(Path folder) throws IOException {
    Matcher name = WITH_PROCESS.matcher(folder.getFileName().toString());
    boolean alive = !name.matches() || ProcessHandle.of(Long.parseLong(name.group(1))).isPresent();
    return alive
        && Files.getLastModifiedTime(folder).toInstant().isAfter(Instant.now().minus(STARTING));
  }

  private static boolean isEmpty(Path folder) throws IOException {
    try (DirectoryStream<Path> all = Files.newDirectoryStream(folder)) {
      return !all.iterator().hasNext();
    }
  }

  private static void delete(Path folder) {
    try {
      Trees.delete(folder);
    } catch (IOException e) {
      // In use on Windows, or another process is at it as well: a later one finds it again.
    }
  }
}
