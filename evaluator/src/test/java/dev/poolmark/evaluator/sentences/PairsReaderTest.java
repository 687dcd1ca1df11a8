package dev.poolmark.evaluator.sentences;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.poolmark.evaluator.files.BadDataException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PairsReaderTest {

  @TempDir Path folder;

  @Test
  void contestLayoutIsRead() throws IOException {
    try (PairsReader reader = PairsReader.open(file("a b\t\"c\" 'd\t4.25\r\n\té\t0"))) {
      assertEquals(new SentencePair("a b", "\"c\" 'd", 4.25), reader.next());
      assertEquals(new SentencePair("", "é", 0), reader.next());
      assertNull(reader.next());
    }
  }

  @Test
  void stsbLayoutIsReadWithAndWithoutFurtherColumns() throws IOException {
    String rows = "g\tf\ty\t1\t3.800\tone \"two\tthree\nx\tx\tx\tx\t5\tp\tq\tsource\tsource\n";
    try (PairsReader reader = PairsReader.open(file(rows))) {
      assertEquals(new SentencePair("one \"two", "three", 3.8, Optional.of("f")), reader.next());
      assertEquals(new SentencePair("p", "q", 5, Optional.of("x")), reader.next());
      assertNull(reader.next());
    }
  }

  @Test
  void sourcesAreToldWhereAColumnIsNamedSo() throws IOException {
    String rows = "sentence1\tsentence2\tscore\tsource\na\tb\t1\tnews\nc\td\t2\tforum\n";
    assertEquals(Optional.of(List.of("news", "forum")), PairsReader.sources(file(rows)));
    assertEquals(Optional.empty(), PairsReader.sources(file("a\tb\t1\n")));
  }

  @Test
  void gzippedFileIsRead() throws IOException {
    Path file = folder.resolve("pairs.tsv.gz");
    try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(file))) {
      out.write("a\tb\t1\n".getBytes(StandardCharsets.UTF_8));
    }
    assertEquals(1, SentenceFile.pairs(file).check());
  }

  @Test
  void whatIsNoWholeGzipFileIsNamed() throws IOException {
    Path file = Files.writeString(folder.resolve("pairs.tsv.gz"), "a\tb\t1\n");
    assertTrue(fault(file).startsWith(file + ": expected a whole gzip file, found "), fault(file));
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (OutputStream out = new GZIPOutputStream(bytes)) {
      out.write("a\tb\t1\n".repeat(1000).getBytes(StandardCharsets.UTF_8));
    }
    Files.write(file, Arrays.copyOf(bytes.toByteArray(), bytes.size() / 2));
    assertTrue(fault(file).startsWith(file + ": expected a whole gzip file, found "), fault(file));
    assertEquals(folder + ": expected a file, found a folder", fault(folder));
  }

  private static String fault(Path file) {
    return assertThrows(BadDataException.class, () -> SentenceFile.pairs(file).check())
        .getMessage();
  }

  @Test
  void byteOrderMarkAndBareCarriageReturnAreNoTrouble() throws IOException {
    try (PairsReader reader = PairsReader.open(file("\uFEFFa\rb\tc\t2\n"))) {
      assertEquals(new SentencePair("a\rb", "c", 2), reader.next());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "x", "-0.1", "5.01", "NaN", "Infinity", "1f", "0x1p0", "1,5", "1 2"})
  void badLabelIsRefused(String label) throws IOException {
    String message = refusal("a\tb\t1\na\tb\t" + label + "\n");
    assertTrue(
        message.endsWith(
            "pairs.tsv, row 2: expected a label from 0 to 5 in column 3, found "
                + (label.isEmpty() ? "none" : "'" + label + "'")),
        message);
  }

  @Test
  void wrongNumberOfColumnsIsRefused() throws IOException {
    assertTrue(refusal("a\tb\t1\na\tb\n").contains("row 2: expected 3 columns"));
    assertTrue(refusal("a\tb\t1\na\tb\t1\t\n").endsWith("found 4 columns"));
    assertTrue(refusal("a\tb\t1\n\na\tb\t1\n").endsWith("found an empty row"));
    assertTrue(refusal("1\t2\t3\t4\t5\t6\t7\na\tb\t1\n").contains("row 2: expected at least 7"));
    assertTrue(refusal("only\ttwo\n").contains("row 1: expected 3 columns"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "one\ttwo\t3.5",
        "sentence1\tsentence2\tscore\none\ttwo\t3.5",
        "label\tSentence_2\tSentence_1\n3.5\ttwo\tone",
        "main-news\tfile\t2012test\t0001\t3.5\tone\ttwo",
        "main-news\tfile\t2012test\t0001\t3.5\tone\ttwo\tsource\tsource",
        "dev\tmain-news\tfile\t2012test\t0001\t3.5\tone\ttwo",
        "split\tgenre\tdataset\tyear\tsid\tscore\tsentence1\tsentence2\n"
            + "dev\tmain-news\tfile\t2012test\t0001\t3.5\tone\ttwo",
        "3\tmain-news\tfile\t2012test\t0001\tnone\tnone\tone\ttwo\t3.5",
        "index\tgenre\tfilename\tyear\told_index\tsource1\tsource2\tsentence1\tsentence2\tscore\n"
            + "3\tmain-news\tfile\t2012test\t0001\tnone\tnone\tone\ttwo\t3.5",
        "\uFEFFsentence1\tsentence2\tscore\r\none\ttwo\t3.5\r\n\r\n",
      })
  void everyPublicLayoutIsRecognised(String text) throws IOException {
    try (PairsReader reader = PairsReader.open(file(text + "\n"))) {
      SentencePair pair = Objects.requireNonNull(reader.next());
      assertEquals("one\ttwo\t3.5", pair.text());
      assertEquals(text.contains("file") ? Optional.of("file") : Optional.empty(), pair.source());
      assertNull(reader.next());
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "1\tone\ttwo\t3",
        "3\tmain-news\tfile\t2012test\t0001\tnone\tnone\tone\ttwo", // no label
        "3\tmain-news\tfile\t2012test\t1\tnone\tnone\tone\ttwo\tx",
        "3\t1\t2\t3\t4\tone\ttwo\tthree",
      })
  void anotherLayoutIsRefusedByItsColumns(String text) throws IOException {
    String message = refusal(text + "\n");
    assertTrue(message.contains("row 1: expected 3 columns (sentence, sentence, label)"), message);
    int columns = text.split("\t").length;
    assertTrue(message.endsWith("found another layout of " + columns + " columns"), message);
  }

  @Test
  void theSplitsNameTellsTheLayoutWhereTheLabelIsBad() throws IOException {
    String message = refusal("dev\tmain-news\tfile\t2012test\t0001\t5.5\tone\ttwo\n");
    assertTrue(message.endsWith("a label from 0 to 5 in column 6, found '5.5'"), message);
  }

  @Test
  void emptyFileAndBrokenEncodingAreRefused() throws IOException {
    assertTrue(refusal("").endsWith("found an empty file"));
    Path file = folder.resolve("latin1.tsv");
    Files.write(file, "a\tb\t1\né\tb\t1\n".getBytes(StandardCharsets.ISO_8859_1));
    String message =
        assertThrows(BadDataException.class, () -> SentenceFile.pairs(file).check()).getMessage();
    assertTrue(message.contains("row 2: expected text in UTF-8"), message);
  }

  private String refusal(String text) throws IOException {
    Path file = file(text);
    return assertThrows(BadDataException.class, () -> SentenceFile.pairs(file).check())
        .getMessage();
  }

  private Path file(String text) throws IOException {
    return Files.writeString(folder.resolve("pairs.tsv"), text);
  }
}
