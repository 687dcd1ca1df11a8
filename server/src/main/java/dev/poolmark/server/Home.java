package dev.poolmark.server;

import dev.poolmark.evaluator.files.Trees;
import dev.poolmark.evaluator.worker.WorkerUser;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A server's home, which it has for itself. */
final class Home {

  private static final Logger LOG = LoggerFactory.getLogger(Home.class);

  private static final String DATABASE = "runs.db";

  private final FileLock lock;
  private final Path folder;
  private final Path scratch;

  private Home(FileLock lock, Path folder, Path scratch) {
    this.lock = lock;
    this.folder = folder;
    this.scratch = scratch;
  }

  /**
   * Takes a home.
   *
   * @throws IOException where it can't be written to, or another server has it; one line
   */
  static Home take(Path folder) throws IOException {
    try {
      FileLock lock = lock(folder);
      return new Home(lock, folder, emptyScratch(folder));
    } catch (FileSystemException e) {
      throw new IOException(
          String.format(
              Locale.ROOT,
              "%s: expected a home that can be written to, found: %s",
              folder,
              reason(e)),
          e);
    }
  }

  /** The system's, or the name of what went wrong: "access denied". */
  private static String reason(FileSystemException failure) {
    return failure.getReason() != null
        ? failure.getReason()
        : failure
            .getClass()
            .getSimpleName()
            .replace("Exception", "")
            .replaceAll("(?<=[a-z])(?=[A-Z])", " ")
            .toLowerCase(Locale.ROOT);
  }

  /** Two servers in one home would both run the same runs. */
  private static FileLock lock(Path folder) throws IOException {
    Files.createDirectories(folder);
    FileChannel file =
        FileChannel.open(
            folder.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    @Nullable FileLock lock;
    try {
      lock = file.tryLock();
    } catch (OverlappingFileLockException e) {
      lock = null;
    }
    if (lock == null) {
      file.close();
      throw new IOException(folder + ": another Poolmark server uses this home");
    }
    return lock;
  }

  /** What an earlier server left there belongs to requests that are gone. */
  private static Path emptyScratch(Path folder) throws IOException {
    Path scratch = Files.createDirectories(folder.resolve("scratch"));
    try (var files = Files.list(scratch)) {
      for (Path file : files.toList()) {
        Trees.delete(file); // a lane works here, and its plugins may make folders
      }
    }
    return scratch;
  }

  /** The database of a server that has its own. */
  static Path database(Path folder) {
    return folder.resolve(DATABASE);
  }

  /**
   * Lets another user run poolers here: files on their way and a folder of its own are that user's,
   * and of the rest it sees nothing that isn't open to all.
   */
  void letIn(WorkerUser user) throws IOException {
    allow(folder, "rwx--x--x");
    Path database = database(folder);
    if (Files.notExists(database)) {
      Files.createFile(database);
    }
    for (String part : List.of("", "-wal", "-shm")) {
      Path file = folder.resolve(DATABASE + part);
      if (Files.exists(file)) {
        allow(file, "rw-------");
      }
    }
    for (Path own : List.of(scratch, Files.createDirectories(worker()))) {
      allow(own, "rwx------");
      Files.setOwner(
          own,
          own.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByName(user.name()));
    }
  }

  private static void allow(Path file, String permissions) throws IOException {
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(permissions));
  }

  /** A folder of what other nodes have sent. */
  Path cache() {
    return folder.resolve("cache");
  }

  /** The home of the user who runs poolers, where that is another. */
  Path worker() {
    return folder.resolve("worker");
  }

  /** A folder for files on their way, empty at first. */
  Path scratch() {
    return scratch;
  }

  /** Lets another server have it. */
  void close() {
    try {
      lock.channel().close();
    } catch (IOException e) {
      LOG.debug("the lock ends with the process", e);
    }
  }
}
