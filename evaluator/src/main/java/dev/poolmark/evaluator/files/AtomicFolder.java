package dev.poolmark.evaluator.files;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.stream.Stream;

/**
 * A folder that appears whole or not at all: it is filled beside its place, or within, and moved
 * there in the end. Nothing stays of it where that end is not reached, be it by an exception or an
 * interrupt of the program; what a program that was killed has left is swept away by the next one.
 */
public final class AtomicFolder implements AutoCloseable {

  private final Path target;
  private final Unfinished unfinished;
  private final Thread onInterrupt = new Thread(this::discard, "discard unfinished output");

  private AtomicFolder(Path target, Unfinished unfinished) {
    this.target = target;
    this.unfinished = unfinished;
  }

  /**
   * Starts a folder.
   *
   * @param target its place; a link to a folder is followed
   * @throws UnwrittenException naming the folder
   */
  public static AtomicFolder at(Path target) throws IOException {
    if (Files.exists(target) && !Files.isDirectory(target)) {
      throw new FileSystemException(target.toString(), null, "expected a folder, found a file");
    }
    try {
      Unfinished.sweepAround(target); // which one that died right after it published has left
      AtomicFolder folder = new AtomicFolder(target, Unfinished.in(place(target)));
      Files.createDirectory(folder.path());
      Runtime.getRuntime().addShutdownHook(folder.onInterrupt);
      return folder;
    } catch (IOException e) {
      throw UnwrittenException.of(target, e);
    }
  }

  /** On the file system of the target, which may be mounted there, so that files can be moved. */
  private static Path place(Path target) {
    return Files.exists(target) ? target : Unfinished.parent(target.toAbsolutePath());
  }

  /** The folder while it is filled. */
  public Path path() {
    return unfinished.folder();
  }

  /** Starts a file of the folder. */
  public OutputStream create(String name) throws IOException {
    return NamedOutputStream.open(path().resolve(name));
  }

  /** Puts the folder in its place; other files of a folder that is there already are kept. */
  public synchronized void publish() throws IOException {
    if (Files.notExists(target)) {
      Files.move(path(), target, StandardCopyOption.ATOMIC_MOVE);
    } else {
      for (Path file : files()) {
        Files.move(file, target.resolve(file.getFileName()), StandardCopyOption.ATOMIC_MOVE);
      }
    }
  }

  private List<Path> files() throws IOException {
    try (Stream<Path> files = Files.list(path())) {
      return files.toList();
    }
  }

  @Override
  public void close() {
    discard();
    try {
      Runtime.getRuntime().removeShutdownHook(onInterrupt);
    } catch (IllegalStateException e) {
      // The program is being shut down: the hook runs anyway.
    }
  }

  private synchronized void discard() {
    try (unfinished) {
      Trees.delete(path());
    } catch (IOException e) {
      System.getLogger(AtomicFolder.class.getName())
          .log(System.Logger.Level.WARNING, "could not remove " + path(), e);
    }
  }
}
