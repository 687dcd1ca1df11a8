package dev.poolmark.evaluator.files;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.FileSystemLoopException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/**
 * A file that is there whole or not at all: written beside its place under a name of its own, then
 * moved. Closed without {@link #commit}, it is gone.
 *
 * <p>Several processes may write into one folder. What a process that died has left there is swept
 * away by the next writer. New files have the permissions that the umask leaves; one that is
 * replaced keeps its own.
 */
public final class AtomicFile implements AutoCloseable {

  private static final int BUFFER = 1 << 16;
  private static final int MAX_LINKS = 40; // as Linux has it

  private final Unfinished unfinished;

  private AtomicFile(Unfinished unfinished) {
    this.unfinished = unfinished;
  }

  /** What a file is to hold. */
  @FunctionalInterface
  public interface Content {
    void writeTo(OutputStream out) throws IOException;
  }

  /**
   * Starts a file that will live in the given folder, which is made if need be.
   *
   * @throws UnwrittenException naming the folder
   */
  public static AtomicFile in(Path folder) throws IOException {
    try {
      return new AtomicFile(Unfinished.in(folder));
    } catch (IOException e) {
      throw UnwrittenException.of(folder, e);
    }
  }

  /** Writes a text, in UTF-8, as {@link #write} does. */
  public static void writeString(Path target, String text) throws IOException {
    write(target, out -> out.write(text.getBytes(StandardCharsets.UTF_8)));
  }

  /**
   * Writes a file as whoever asked for it means: a link is followed, and what it leads to is
   * written; a device, a pipe and the like take the bytes as they come; a file appears whole or not
   * at all.
   *
   * @throws UnwrittenException naming the file
   */
  public static void write(Path target, Content content) throws IOException {
    try {
      if (takesBytesAsTheyCome(target)) {
        OpenOption[] options = {StandardOpenOption.WRITE, appending(target)};
        try (OutputStream out =
            new BufferedOutputStream(Files.newOutputStream(target, options), BUFFER)) {
          content.writeTo(out);
        }
      } else {
        writeWhole(followed(target), content);
      }
    } catch (IOException e) {
      throw UnwrittenException.of(target, e);
    }
  }

  /**
   * Checks that a file can be put in its place, before anything is spent on what it is to hold.
   *
   * @throws FileSystemException where its folder is none, or it is a folder itself
   */
  public static void check(Path target) throws IOException {
    if (Files.isDirectory(target)) {
      throw new FileSystemException(target.toString(), null, "expected a file, found a folder");
    }
    Path folder = Unfinished.parent(followed(target));
    if (!Files.isDirectory(folder)) {
      throw new FileSystemException(folder.toString(), null, "expected a folder, found none");
    }
  }

  private static boolean takesBytesAsTheyCome(Path target) throws IOException {
    return Files.exists(target) && !Files.isRegularFile(target) || isDescriptor(target);
  }

  /** Whether it is another name of an open file, {@code /dev/stdout}, that must not be replaced. */
  private static boolean isDescriptor(Path target) throws IOException {
    return Files.exists(target) && followed(target).startsWith("/proc");
  }

  /** What an open file holds already stays; pipes and devices have no end to append to. */
  private static StandardOpenOption appending(Path target) {
    return Files.isRegularFile(target) ? StandardOpenOption.APPEND : StandardOpenOption.WRITE;
  }

  /** Where links lead to, which need not be there yet. */
  private static Path followed(Path target) throws IOException {
    Path path = target.toAbsolutePath();
    for (int links = 0; Files.isSymbolicLink(path); links++) {
      if (links == MAX_LINKS) {
        throw new FileSystemLoopException(target.toString());
      }
      if (path.startsWith("/proc")) {
        return path; // leads to an open file, and not by its name
      }
      path = path.resolveSibling(Files.readSymbolicLink(path));
    }
    return path;
  }

  private static void writeWhole(Path target, Content content) throws IOException {
    try (AtomicFile file = in(Unfinished.parent(target))) {
      OutputStream out =
          new BufferedOutputStream(Channels.newOutputStream(file.channel()), BUFFER) {
            @Override
            public void close() throws IOException {
              flush(); // the file is still to be forced to disk
            }
          };
      content.writeTo(out);
      out.flush();
      file.commit(target.getFileName().toString());
    }
  }

  /** Where to write. */
  public FileChannel channel() {
    return unfinished.channel();
  }

  /** The file as long as it is not committed. */
  public Path temporary() {
    return unfinished.file();
  }

  /** Puts the file, safely on disk, in its place within the folder; what was there is replaced. */
  public Path commit(String name) throws IOException {
    Path target = temporary().resolveSibling(name);
    try {
      channel().force(true);
      keepPermissions(target);
      Files.move(
          temporary(), target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw UnwrittenException.of(target, e);
    }
    return target;
  }

  private void keepPermissions(Path target) throws IOException {
    try {
      if (Files.isRegularFile(target)) {
        Files.setPosixFilePermissions(temporary(), Files.getPosixFilePermissions(target));
      }
    } catch (UnsupportedOperationException | NoSuchFileException e) {
      // Windows; or another process has deleted it meanwhile.
    }
  }

  @Override
  public void close() throws IOException {
    unfinished.close();
  }
}
