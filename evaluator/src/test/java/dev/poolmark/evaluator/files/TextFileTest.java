package dev.poolmark.evaluator.files;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.SplittableRandom;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

class TextFileTest {

  @TempDir Path folder;

  @Test
  void allMembersAreReadAndZerosBehindThemPassedOver() throws IOException {
    byte[] two = join(gzip("1 3 1 2 3\n"), gzip(""), gzip("4.5\n"));
    assertEquals("1 3 1 2 3\n4.5\n", unpacked(two));
    assertEquals("1 3 1 2 3\n4.5\n", unpacked(join(two, new byte[1000])));
  }

  @Test
  void aHeaderMayHaveAllItsFields() throws IOException {
    byte[] plain = gzip("4.5\n");
    byte[] header = HexFormat.of().parseHex("1f8b081c000000000003" + "0200" + "abcd");
    byte[] names = "name\0a comment\0".getBytes(StandardCharsets.ISO_8859_1);
    byte[] body = Arrays.copyOfRange(plain, 10, plain.length);
    assertEquals("4.5\n", unpacked(join(header, names, body)));
  }

  @Test
  @DisabledOnOs(OS.WINDOWS)
  void aPipeIsReadFromItsBeginningEachTime() throws Exception {
    Path pipe = folder.resolve("pipe");
    assertEquals(0, new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor());
    String text = "a cat\tthe cat\t4\n".repeat(20_000);
    Thread writer = new Thread(() -> write(pipe, text));
    writer.start();
    try (InputStream early = TextFile.open(pipe)) {
      assertEquals('a', early.read());
    }
    for (int i = 0; i < 2; i++) {
      try (InputStream in = TextFile.open(pipe)) {
        assertEquals(text, new String(in.readAllBytes(), StandardCharsets.UTF_8));
      }
    }
    writer.join();
  }

  private static void write(Path file, String text) {
    try {
      Files.writeString(file, text, StandardOpenOption.WRITE);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void whatGzipRefusesIsRefused() throws IOException {
    byte[] good = gzip("1 3 1 2 3\n".repeat(100));
    assertRefused("an empty file", new byte[0]);
    assertRefused("other bytes", "1 3 1 2 3\n".getBytes(StandardCharsets.UTF_8));
    assertRefused("other bytes after its end", join(good, new byte[] {'x'}));
    assertRefused("other bytes after its end", join(good, new byte[5], new byte[] {'x'}));
    assertRefused("other bytes after its end", join(good, new byte[5], good));
    assertRefused("one that is cut off", join(good, new byte[] {0x1F}, new byte[] {(byte) 0x8B}));
    for (int length = 1; length < good.length; length++) {
      byte[] cut = Arrays.copyOf(good, length);
      assertRefused("one that is cut off", cut);
      assertRefused("one that is cut off", join(good, cut));
    }
    byte[] wrongSum = good.clone();
    wrongSum[good.length - 8] ^= 1;
    assertRefused("damaged data, of another checksum", wrongSum);
    assertRefused("damaged data, of another checksum", join(good, wrongSum, good));
    byte[] wrongLength = good.clone();
    wrongLength[good.length - 1] ^= 1;
    assertRefused("damaged data, of another length", wrongLength);
  }

  @Test
  void largeFilesComeBackInPiecesOfAnySize() throws IOException {
    byte[] random = new byte[3_000_000];
    new SplittableRandom(1).nextBytes(random);
    Path file = folder.resolve("large.txt.gz");
    Files.write(file, join(gzip(random), gzip(random)));
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    try (InputStream in = TextFile.open(file)) {
      byte[] piece = new byte[7001];
      for (int count = in.read(piece, 1, 7000); count >= 0; count = in.read(piece, 1, 7000)) {
        all.write(piece, 1, count);
      }
    }
    assertArrayEquals(join(random, random), all.toByteArray());
  }

  @Test
  void linesHaveOneSetOfRules() throws IOException {
    Path file = folder.resolve("lines.txt");
    Files.writeString(file, "\uFEFFone \r\ntw\ro\n\uFEFFthree\n \t\r\n\n");
    try (TextLines lines = TextLines.open(file)) {
      assertEquals("one ", lines.next());
      assertEquals("tw\ro", lines.next());
      assertEquals("\uFEFFthree", lines.next());
      assertEquals(3, lines.row());
      assertNull(lines.next());
    }
    Files.writeString(file, "one\n\n \ntwo");
    try (TextLines lines = TextLines.open(file)) {
      lines.next();
      BadDataException told = assertThrows(BadDataException.class, lines::next);
      assertEquals(file + ", row 2: expected text, found an empty row", told.getMessage());
    }
    try (TextLines lines = TextLines.open(file)) {
      assertEquals("one", lines.nextText());
      assertEquals("two", lines.nextText());
      assertEquals(4, lines.row());
    }
  }

  @Test
  void whatNobodySeesIsSpelled() {
    assertEquals("\\u001B[31mred\\u0007", Printable.of("\u001B[31mred\u0007"));
    assertEquals(
        "\\uFEFF1 \\u202E\\u200B\\u00AD\\u00A0", Printable.of("\uFEFF1 \u202E\u200B\u00AD\u00A0"));
    assertEquals("a\\u000Ab\\u0085\\u2028\\u009B", Printable.of("a\nb\u0085\u2028\u009B"));
    assertEquals("\\uD83D \\uDB40\\uDC41", Printable.of("\uD83D \uDB40\uDC41"));
    assertEquals("東京 ü 😀 'x' \\", Printable.of("東京 ü 😀 'x' \\"));
  }

  private String unpacked(byte[] bytes) throws IOException {
    Path file = Files.write(folder.resolve("a.txt.gz"), bytes);
    try (InputStream in = TextFile.open(file)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  private void assertRefused(String found, byte[] bytes) {
    BadDataException told = assertThrows(BadDataException.class, () -> unpacked(bytes));
    assertEquals(
        folder.resolve("a.txt.gz") + ": expected a whole gzip file, found " + found,
        told.getMessage());
  }

  private static byte[] gzip(String text) throws IOException {
    return gzip(text.getBytes(StandardCharsets.UTF_8));
  }

  private static byte[] gzip(byte[] bytes) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (GZIPOutputStream packed = new GZIPOutputStream(out)) {
      packed.write(bytes);
    }
    return out.toByteArray();
  }

  private static byte[] join(byte[]... parts) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      all.writeBytes(part);
    }
    return all.toByteArray();
  }
}
