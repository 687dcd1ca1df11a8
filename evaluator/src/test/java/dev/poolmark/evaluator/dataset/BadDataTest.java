package dev.poolmark.evaluator.dataset;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.poolmark.evaluator.files.BadDataException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Every kind of bad data, and the line that tells of it. */
class BadDataTest {

  @TempDir Path folder;
  @TempDir Path cache;

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "1 3 1 2|1|1 tokens of 3 numbers, 3 in all|2",
        "1 3|1|1 tokens of 3 numbers, 3 in all|0",
        "2 3 1 2 3 4|1|2 tokens of 3 numbers, 6 in all|4",
        "1 3 1 2 3 4|1|1 tokens of 3 numbers, 3 in all|more",
        "1 3 1 2 3\\n2 3 1 2 3 4 5 6 7|2|2 tokens of 3 numbers, 6 in all|more",
        "1 2 1 2|1|the dimension 3|2",
        "1 3 1 2 3\\n1 4 1 2 3 4|2|the dimension 3|4",
        "1 0|1|the dimension 3|'0'",
        "1 -3 1 2 3|1|the dimension 3|'-3'",
        "1 99999999999999999999 1 2 3|1|the dimension 3|'99999999999999999999'",
        "1|1|the dimension 3|the end of the row",
        "0 3|1|a number of tokens from 1 to 65536|'0'",
        "-1 3 1 2 3|1|a number of tokens from 1 to 65536|'-1'",
        "65537 3 1 2 3|1|a number of tokens from 1 to 65536|'65537'",
        "2147483648 3 1|1|a number of tokens from 1 to 65536|'2147483648'",
        "999999999999999999999 3 1|1|a number of tokens from 1 to 65536|'999999999999999999999'",
        "1.5 3 1 2 3|1|a number of tokens from 1 to 65536|'1.5'",
        "1e5 3 1 2 3|1|a number of tokens from 1 to 65536|'1e5'",
        "1 3.5 1 2 3|1|the dimension 3|'3.5'",
        "one 3 1 2 3|1|a number of tokens from 1 to 65536|'one'",
        "1 3 1 2 x|1|a number|'x'",
        "1 3 1 2,5 3|1|a number|'2,5'",
        "1 3 1 2f 3|1|a number|'2f'",
        "1 3 1 0x10 3|1|a number|'0x10'",
        "1 3 1 NaN 3|1|a number|'NaN'",
        "1 3 1 -Infinity 3|1|a number|'-Infinity'",
        "1 3 1 2 1e39|1|a number that fits into a float|'1e39'",
        "1 3 1 2 3\\n\\n1 3 1 2 3|2|a number of tokens|an empty row",
        "\\n1 3 1 2 3|1|a number of tokens|an empty row",
        "1 3 1 2 3\\n   \\n1 3 1 2 3|2|a number of tokens|an empty row",
      })
  void aBadRowOfTokensIsTold(String text, long row, String expected, String found)
      throws IOException {
    Path file = spoil("second.txt", text.replace("\\n", "\n") + "\n");
    assertTold("%s, row %d: expected %s, found %s".formatted(file, row, expected, found));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "1\\n|expected 2 rows as in|found 1",
        "1\\n2\\n3\\n|expected 2 rows as in|found more",
        "1\\n5.01\\n|, row 2: expected a label from 0 to 5|found '5.01'",
        "1\\n-0.1\\n|, row 2: expected a label from 0 to 5|found '-0.1'",
        "NaN\\n1\\n|, row 1: expected a label from 0 to 5|found 'NaN'",
        "1f\\n1\\n|, row 1: expected a label from 0 to 5|found '1f'",
        "1\\ngood\\n|, row 2: expected a label from 0 to 5|found 'good'",
        "1\\n\\n2\\n|, row 2: expected text|found an empty row",
      })
  void badLabelsAreTold(String text, String expected, String found) throws IOException {
    Path file = spoil("labels.txt", text.replace("\\n", "\n"));
    BadDataException problem = assertThrows(BadDataException.class, this::open);
    assertTrue(problem.getMessage().startsWith(file + ""), problem.getMessage());
    assertTrue(problem.getMessage().contains(expected), problem.getMessage());
    assertTrue(problem.getMessage().endsWith(found), problem.getMessage());
    assertNothingLeft();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "a;b;0\\na;b;4.7\\n|, row 2: expected the label 4.75 of|found 4.7",
        "a;b;0\\na;b\\n|, row 2: expected sentence, sentence and label|found 2 columns",
        "a;b;0\\na;b;\\n|, row 2: expected a label from 0 to 5|found none",
        "a;b;0\\na;b;six\\n|, row 2: expected a label from 0 to 5|found 'six'",
        "a;b;0\\n|expected 2 rows as in|found 1",
        "a;b;0\\na;b;4.75\\na;b;1\\n|expected 2 rows as in|found more",
      })
  void sentencesThatDoNotFitTheLabelsAreTold(String text, String expected, String found)
      throws IOException {
    Path file = spoil("pairs.tsv", text.replace("\\n", "\n").replace(';', '\t'));
    BadDataException problem = assertThrows(BadDataException.class, this::open);
    assertTrue(problem.getMessage().startsWith(file + ""), problem.getMessage());
    assertTrue(problem.getMessage().contains(expected), problem.getMessage());
    assertTrue(problem.getMessage().endsWith(found), problem.getMessage());
    assertNothingLeft();
  }

  @Test
  void aByteOrderMarkInFrontOfAnyFileIsDropped() throws IOException {
    Texts.valid(folder);
    Files.writeString(folder.resolve("pairs.tsv"), "a\tb\t0\na\tb\t4.75\n\n");
    for (String name : Texts.names(folder)) {
      Path file = folder.resolve(name);
      Files.writeString(file, "\uFEFF" + Files.readString(file));
    }
    open().close();
    Files.writeString(folder.resolve("labels.txt"), "0\n\uFEFF4.75\n");
    BadDataException told = assertThrows(BadDataException.class, this::open);
    String message = told.getMessage();
    assertTrue(message.endsWith("expected a label from 0 to 5, found '\\uFEFF4.75'"), message);
  }

  @Test
  void sentencesAreCheckedThoughTheStoreIsThere() throws IOException {
    Texts.valid(folder);
    open().close();
    Files.writeString(folder.resolve("pairs.tsv"), "a\tb\t0\na\tb\t4.5\n");
    assertThrows(BadDataException.class, this::open);
    Files.writeString(folder.resolve("pairs.tsv"), "a\tb\t0.0\r\na\tb\t4.750000001\r\n\n");
    open().close();
  }

  @Test
  void filesOfDifferentLengthAreTold() throws IOException {
    Path file = spoil("second.txt", "1 3 1 2 3\n");
    assertTold(
        "%s: expected 2 rows as in %s, found 1".formatted(file, folder.resolve("first.txt")));
  }

  @Test
  void emptyFilesAreTold() throws IOException {
    Path file = spoil("first.txt", "");
    assertTold("%s: expected at least one row, found none".formatted(file));
  }

  @Test
  void aMissingFileIsTold() throws IOException {
    Texts.valid(folder);
    Files.delete(folder.resolve("labels.txt"));
    BadDataException problem = assertThrows(BadDataException.class, () -> PairFiles.in(folder));
    assertEquals(
        folder + ": expected labels.txt or labels.txt.gz, found neither", problem.getMessage());
    assertThrows(BadDataException.class, () -> PairFiles.in(folder.resolve("nowhere")));
    Path first = folder.resolve("first.txt");
    assertThrows(
        BadDataException.class,
        () -> new PairFiles(first, first, folder.resolve("x"), Optional.empty()));
  }

  @Test
  void aDamagedGzipFileIsTold() throws IOException {
    Texts.random(folder, 500, 1);
    Path plain = folder.resolve("first.txt");
    Texts.gzip(plain);
    Path zipped = folder.resolve("first.txt.gz");
    byte[] whole = Files.readAllBytes(zipped);
    for (byte[] damaged :
        List.of(Arrays.copyOf(whole, whole.length / 2), "1 3 1 2 3\n".getBytes())) {
      Files.write(zipped, damaged);
      BadDataException problem = assertThrows(BadDataException.class, this::open);
      assertTrue(
          problem.getMessage().startsWith(zipped + ": expected a whole gzip file"),
          problem.getMessage());
      assertNothingLeft();
    }
  }

  @Test
  void aNumberWithoutEndIsTold() throws IOException {
    spoil("first.txt", "1 3 1 " + "1".repeat(3_000_000) + " 2\n");
    BadDataException problem = assertThrows(BadDataException.class, this::open);
    assertTrue(problem.getMessage().contains("row 1: expected a number, found one of more than"));
    assertNothingLeft();
  }

  @Test
  void anotherWidthThanTheStoresIsTold() throws IOException {
    Texts.valid(folder);
    open().close();
    BadDataException problem =
        assertThrows(
            BadDataException.class,
            () -> TokenStores.open(PairFiles.in(folder), 768, Optional.of(cache), "test"));
    assertEquals(
        folder.resolve("first.txt") + ", row 1: expected the dimension 768, found 3",
        problem.getMessage());
  }

  private Path spoil(String name, String text) throws IOException {
    Texts.valid(folder);
    return Files.writeString(folder.resolve(name), text);
  }

  private void assertTold(String message) throws IOException {
    BadDataException problem = assertThrows(BadDataException.class, this::open);
    assertEquals(message, problem.getMessage());
    assertFalse(message.contains("\n"));
    assertNothingLeft();
  }

  private void assertNothingLeft() throws IOException {
    assertEquals(List.of(), Texts.names(cache));
  }

  private TokenStore open() throws IOException {
    return Texts.open(folder, cache);
  }
}
