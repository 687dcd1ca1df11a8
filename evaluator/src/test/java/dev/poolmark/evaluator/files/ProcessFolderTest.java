package dev.poolmark.evaluator.files;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProcessFolderTest {

  @TempDir private Path folder;

  /** A process that takes its folder, collects its garbage, and waits. */
  static final class Holder {

    private Holder() {}

    public static void main(String[] args) throws Exception {
      ProcessFolder.take();
      for (int i = 0; i < 5; i++) {
        System.gc();
        Thread.sleep(50);
      }
      System.out.println("taken");
      System.in.read();
    }
  }

  @Test
  void aFolderIsLockedAsLongAsItsProcessLivesWhateverTheGarbageCollectorDoes() throws Exception {
    Process holder = hold(folder);
    try {
      try (FileChannel other = open()) {
        assertNull(other.tryLock());
      }
    } finally {
      holder.destroyForcibly().waitFor();
    }
    try (FileChannel other = open()) {
      assertNotNull(other.tryLock());
    }
  }

  @Test
  void whatOlderVersionsLeftIsSweptWhenItsProcessIsGone() throws Exception {
    Path cache = folder.resolve("vertx-cache-0b6b8bb4-0f3a-4b54-9c3b-4b7d2d2e4f11");
    Path library = folder.resolve("onnxruntime-java123456");
    List<Path> left =
        List.of(
            Files.createDirectory(cache),
            Files.createDirectory(library),
            Files.createFile(folder.resolve("sqlite-3.45.1.0-1a2b-libsqlitejdbc.so")),
            Files.createFile(folder.resolve("sqlite-3.45.1.0-1a2b-libsqlitejdbc.so.lck")));
    Files.writeString(library.resolve("libonnxruntime.so"), "code");
    Path others = Files.createFile(folder.resolve("sqlite-notes.txt"));

    Leftovers.sweep(folder);
    left.forEach(file -> assertTrue(Files.exists(file), file + " may be in the making"));

    FileTime longAgo = FileTime.from(Instant.parse("2001-01-01T00:00:00Z"));
    for (Path file : left) {
      Files.setLastModifiedTime(file, longAgo);
    }
    Leftovers.sweep(folder);
    left.forEach(file -> assertTrue(Files.notExists(file), file.toString()));
    assertTrue(Files.exists(others));
  }

  @Test
  void anEmptyFolderIsLeftWhereTheProcessInItsNameIsGone() throws Exception {
    Process gone = new ProcessBuilder("true").start();
    gone.waitFor();
    Path left = Files.createDirectory(folder.resolve("poolmark-" + gone.pid() + "-aB3xyz"));
    long alive = ProcessHandle.current().pid();
    Path starting = Files.createDirectory(folder.resolve("poolmark-" + alive + "-aB3xyz"));
    Path own = folder.resolve("poolmark-1-abcdef");
    Process holder = hold(own);
    try {
      assertTrue(Files.notExists(left));
      assertTrue(Files.exists(starting));
      assertTrue(Files.exists(own.resolve("process.lock")), "it was made again");
    } finally {
      holder.destroyForcibly().waitFor();
    }
  }

  private static Process hold(Path taken) throws IOException {
    Process holder =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Dpoolmark.tmpdir=" + taken,
                "-cp",
                System.getProperty("java.class.path"),
                Holder.class.getName())
            .redirectErrorStream(true)
            .start();
    assertEquals("taken", holder.inputReader().readLine());
    return holder;
  }

  private FileChannel open() throws IOException {
    return FileChannel.open(folder.resolve("process.lock"), StandardOpenOption.WRITE);
  }
}
