package dev.poolmark.evaluator.files;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A file under a name of its own beside the place of what is being written, locked as long as its
 * process lives; it may have a folder beside it. One that is not locked was left by a process that
 * died, and the next one that writes there sweeps it away, the folder first.
 *
 * <p>Locks, and not process ids, tell who is alive: containers that share a folder don't share
 * those.
 */
final class Unfinished implements AutoCloseable {

  private static final String PREFIX = ".poolmark-";
  private static final String SUFFIX = ".tmp";
  private static final String FOLDER_SUFFIX = ".unfinished";

  /** This process's own files: probing them for a lock would drop that lock on POSIX systems. */
  private static final Set<Path> OWN = ConcurrentHashMap.newKeySet();

  private final Path file;
  private final FileChannel channel;

  private Unfinished(Path file, FileChannel channel) {
    this.file = file;
    this.channel = channel;
  }

  /** Starts one in the given folder, which is made if need be. */
  static Unfinished in(Path folder) throws IOException {
    if (Files.isRegularFile(folder)) {
      throw new FileSystemException(folder.toString(), null, "expected a folder, found a file");
    }
    if (!Files.isDirectory(folder)) { // it may be a link to one
      Files.createDirectories(folder);
    }
    Path home = folder.toRealPath();
    sweep(home);
    while (true) {
      Path file = home.resolve(PREFIX + UUID.randomUUID() + SUFFIX);
      OWN.add(file);
      FileChannel channel = create(file);
      if (isLocked(channel) && Files.exists(file)) {
        return new Unfinished(file, channel);
      }
      channel.close(); // another process swept it away before it was locked
      OWN.remove(file);
    }
  }

  private static FileChannel create(Path file) throws IOException {
    try {
      return FileChannel.open(
          file, StandardOpenOption.CREATE_NEW, StandardOpenOption.READ, StandardOpenOption.WRITE);
    } catch (IOException e) {
      OWN.remove(file);
      throw e;
    }
  }

  private static boolean isLocked(FileChannel channel) {
    try {
      return channel.tryLock() != null;
    } catch (IOException e) {
      return true; // a file system without locks: nobody's sweep can lock it either
    }
  }

  /** Removes what processes that died have left in a folder. */
  static void sweep(Path folder) throws IOException {
    try (DirectoryStream<Path> left = Files.newDirectoryStream(folder, PREFIX + "*" + SUFFIX)) {
      for (Path file : left) {
        if (!OWN.contains(file)) {
          deleteUnlessLocked(file);
        }
      }
    }
  }

  /** The same in the folder that a target is in, where it can be looked at. */
  static void sweepAround(Path target) {
    try {
      sweep(parent(target.toAbsolutePath()).toRealPath());
    } catch (IOException e) {
      // It is not there yet, or another's.
    }
  }

  private static void deleteUnlessLocked(Path file) {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE);
        FileLock lock = channel.tryLock()) {
      if (lock != null) {
        Trees.delete(folder(file));
        Files.deleteIfExists(file);
      }
    } catch (IOException | OverlappingFileLockException e) {
      // Somebody's work in progress, or already gone: either way not ours to delete.
    }
  }

  private static Path folder(Path file) {
    String name = file.getFileName().toString();
    return file.resolveSibling(name.substring(0, name.length() - SUFFIX.length()) + FOLDER_SUFFIX);
  }

  /** The folder of an absolute path; the root is in itself. */
  static Path parent(Path absolute) {
    Path parent = absolute.getParent();
    return parent == null ? absolute : parent;
  }

  Path file() {
    return file;
  }

  FileChannel channel() {
    return channel;
  }

  /** The place of a folder beside the file. */
  Path folder() {
    return folder(file);
  }

  @Override
  public void close() throws IOException {
    try {
      Files.deleteIfExists(file);
      channel.close();
    } finally {
      OWN.remove(file);
    }
  }
}
