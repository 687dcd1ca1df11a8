package dev.poolmark.evaluator.files;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
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
    Process holder =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Dpoolmark.tmpdir=" + folder,
                "-cp",
                System.getProperty("java.class.path"),
                Holder.class.getName())
            .redirectErrorStream(true)
            .start();
    try (BufferedReader out = holder.inputReader()) {
      assertEquals("taken", out.readLine());
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

  private FileChannel open() throws IOException {
    return FileChannel.open(folder.resolve("process.lock"), StandardOpenOption.WRITE);
  }
}
