package dev.poolmark.evaluator.files;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A file that is there whole or not at all: written beside its place under a name of its own, then
 * moved. Closed without {@link #commit}, it is gone.
 *
 * <p>Several processes may write into one folder. While it is written, the file is locked; one that
 * is not locked was left by a process that died, and is swept away by the next writer.
 */
public final class AtomicFile implements AutoCloseable {

  private static final String PREFIX = ".poolmark-";
  private static final String SUFFIX = ".tmp";

  /** This process's own files: probing them for a lock would drop that lock on POSIX systems. */
  private static final Set<Path> OWN = ConcurrentHashMap.newKeySet();

  private final Path temporary;
  private final FileChannel channel;

  private AtomicFile(Path temporary, FileChannel channel) {
    this.temporary = temporary;
    this.channel = channel;
  }

  /** Starts a file that will live in the given folder, which is made if need be. */
  public static AtomicFile in(Path folder) throws IOException {
    Files.createDirectories(folder);
    Path home = folder.toRealPath();
    sweep(home);
    while (true) {
      Path temporary = home.resolve(PREFIX + UUID.randomUUID() + SUFFIX);
      OWN.add(temporary);
      FileChannel channel =
          FileChannel.open(
              temporary,
              StandardOpenOption.CREATE_NEW,
              StandardOpenOption.READ,
              StandardOpenOption.WRITE);
      if (locked(channel) && Files.exists(temporary)) {
        return new AtomicFile(temporary, channel);
      }
      channel.close(); // another process swept it away before it was locked
      OWN.remove(temporary);
    }
  }

  private static boolean locked(FileChannel channel) {
    try {
      return channel.tryLock() != null;
    } catch (IOException e) {
      return true; // a file system without locks: nobody's sweep can lock it either
    }
  }

  private static void sweep(Path folder) throws IOException {
    try (DirectoryStream<Path> left = Files.newDirectoryStream(folder, PREFIX + "*" + SUFFIX)) {
      for (Path file : left) {
        if (!OWN.contains(file)) {
          deleteUnlessLocked(file);
        }
      }
    }
  }

  private static void deleteUnlessLocked(Path file) {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE);
        FileLock lock = channel.tryLock()) {
      if (lock != null) {
        Files.deleteIfExists(file);
      }
    } catch (IOException | OverlappingFileLockException e) {
      // Somebody's work in progress, or already gone: either way not ours to delete.
    }
  }

  /** Where to write. */
  public FileChannel channel() {
    return channel;
  }

  /** The file as long as it is not committed. */
  public Path temporary() {
    return temporary;
  }

  /** Puts the file, safely on disk, in its place within the folder; what was there is replaced. */
  public Path commit(String name) throws IOException {
    channel.force(true);
    Path target = temporary.resolveSibling(name);
    Files.move(
        temporary, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    return target;
  }

  @Override
  public void close() throws IOException {
    try {
      Files.deleteIfExists(temporary);
      channel.close();
    } finally {
      OWN.remove(temporary);
    }
  }
}
