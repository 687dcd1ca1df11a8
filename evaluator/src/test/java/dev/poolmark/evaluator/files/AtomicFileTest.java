package dev.poolmark.evaluator.files;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AtomicFileTest {

  @TempDir Path folder;

  @Test
  void aFileInTheFoldersPlaceIsTold() throws IOException {
    Path file = Files.writeString(folder.resolve("file"), "mine");
    IOException told = assertThrows(IOException.class, () -> AtomicFile.in(file));
    assertEquals(file + ": expected a folder, found a file", told.getMessage());
  }

  @Test
  void aFileIsReplacedWhole() throws IOException {
    Path file = folder.resolve("a.txt");
    AtomicFile.writeString(file, "first, and longer");
    AtomicFile.writeString(file, "zweite ü");
    assertEquals("zweite ü", Files.readString(file));
    assertEquals(List.of("a.txt"), names());
  }

  @Test
  void whatFailsHalfWayLeavesTheOldFile() throws IOException {
    Path file = folder.resolve("a.txt");
    AtomicFile.writeString(file, "old");
    UnwrittenException told =
        assertThrows(
            UnwrittenException.class,
            () ->
                AtomicFile.write(
                    file,
                    out -> {
                      out.write(new byte[1 << 20]);
                      throw new IOException("No space left on device");
                    }));
    assertEquals(file + ": No space left on device", told.getMessage());
    assertEquals("old", Files.readString(file));
    assertEquals(List.of("a.txt"), names());
  }

  @Test
  void aLinkIsWrittenThrough() throws IOException {
    Path there = Files.createDirectory(folder.resolve("there"));
    Path link = Files.createSymbolicLink(folder.resolve("link"), Path.of("second"));
    Files.createSymbolicLink(folder.resolve("second"), Path.of("there/a.txt"));
    for (String text : List.of("made", "replaced")) { // the link leads nowhere at first
      AtomicFile.writeString(link, text);
      assertTrue(Files.isSymbolicLink(link));
      assertEquals(text, Files.readString(there.resolve("a.txt")));
    }
    Files.createSymbolicLink(folder.resolve("ring"), Path.of("ring"));
    assertThrows(
        IOException.class, () -> AtomicFile.writeString(folder.resolve("ring"), "nowhere"));
  }

  @Test
  void aFolderMayBeALink() throws IOException {
    Files.createDirectory(folder.resolve("there"));
    Path link = Files.createSymbolicLink(folder.resolve("link"), Path.of("there"));
    AtomicFile.writeString(link.resolve("a.txt"), "text");
    assertEquals("text", Files.readString(folder.resolve("there/a.txt")));
    try (AtomicFolder out = AtomicFolder.at(link)) {
      out.create("b.txt").close();
      out.publish();
    }
    assertTrue(Files.isSymbolicLink(link));
    assertTrue(Files.exists(folder.resolve("there/b.txt")));
    assertEquals(List.of("link", "there"), names());
  }

  @Test
  void aPipeTakesTheBytesAsTheyCome() throws Exception {
    Path pipe = folder.resolve("pipe");
    assertEquals(0, new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor());
    CompletableFuture<String> read =
        CompletableFuture.supplyAsync(
            () -> {
              try {
                return Files.readString(pipe);
              } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
              }
            });
    AtomicFile.writeString(pipe, "through");
    assertEquals("through", read.get(1, TimeUnit.MINUTES));
    assertFalse(Files.isRegularFile(pipe));
  }

  @Test
  void aDeviceStaysADevice() {
    Path full = Path.of("/dev/full");
    assumeTrue(Files.exists(full));
    UnwrittenException told =
        assertThrows(UnwrittenException.class, () -> AtomicFile.writeString(full, "text"));
    assertEquals("/dev/full: No space left on device", told.getMessage());
    assertTrue(Files.exists(full) && !Files.isRegularFile(full));
  }

  @Test
  void newFilesFollowTheUmaskAndOldOnesKeepTheirPermissions() throws IOException {
    Path usual = Files.createFile(folder.resolve("usual"));
    Path file = folder.resolve("a.txt");
    AtomicFile.writeString(file, "text");
    assertEquals(Files.getPosixFilePermissions(usual), Files.getPosixFilePermissions(file));
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r-----"));
    AtomicFile.writeString(file, "other");
    assertEquals("rw-r-----", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
  }

  @Test
  void aPlaceThatIsNoneIsToldBeforehand() {
    Path nowhere = folder.resolve("nowhere/a.txt");
    assertThrows(FileSystemException.class, () -> AtomicFile.check(nowhere));
    assertThrows(FileSystemException.class, () -> AtomicFile.check(folder));
    assertThrows(FileSystemException.class, () -> AtomicFile.check(Path.of("/")));
  }

  @Test
  void whatAProcessThatDiedHasLeftIsSwept() throws IOException {
    Files.createFile(folder.resolve(".poolmark-1.tmp"));
    Path left = Files.createDirectories(folder.resolve(".poolmark-1.unfinished/deeper"));
    Files.writeString(left.resolve("first.txt"), "half");
    try (AtomicFile mine = AtomicFile.in(folder);
        AtomicFolder out = AtomicFolder.at(folder.resolve("out"))) {
      out.create("first.txt").close();
      AtomicFile.writeString(folder.resolve("a.txt"), "text");
      assertTrue(Files.exists(mine.temporary()), "what is being written is nobody's to sweep");
      out.publish();
    }
    assertEquals(List.of("a.txt", "out"), names());
    assertTrue(Files.exists(folder.resolve("out/first.txt")));
  }

  private List<String> names() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }
}
