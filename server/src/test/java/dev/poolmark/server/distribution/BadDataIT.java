package dev.poolmark.server.distribution;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Bad data of every kind: exit 3, one line, and nothing is left. */
class BadDataIT {

  @TempDir Path folder;

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "second.txt|1 3 1 2|, row 1: expected 1 tokens of 3 numbers, 3 in all, found 2",
        "second.txt|1 3 1 2 3 4|, row 1: expected 1 tokens of 3 numbers, 3 in all, found more",
        "first.txt|1 2 1 2|, row 1: expected the dimension 3, found 2",
        "first.txt|1 3 1 2 3\\n1 4 1 2 3 4|, row 2: expected the dimension 3, found 4",
        "second.txt|2 3 1 2 3 4 5 6\\n1 3 1 2 x|, row 2: expected a number, found 'x'",
        "second.txt|1 3 1 NaN 3|, row 1: expected a number, found 'NaN'",
        "second.txt|1 3 1 -Infinity 3|, row 1: expected a number, found '-Infinity'",
        "second.txt|1 3 1 2 1e39|, row 1: expected a number that fits into a float, found '1e39'",
        "first.txt|0 3|, row 1: expected a number of tokens from 1 to 65536, found '0'",
        "first.txt|-1 3 1 2 3|, row 1: expected a number of tokens from 1 to 65536, found '-1'",
        "first.txt|9999999999 3 1|, row 1: expected a number of tokens from 1 to 65536, found"
            + " '9999999999'",
        "first.txt|1 99999999999 1|, row 1: expected the dimension 3, found '99999999999'",
        "first.txt|1 3 1 2 3\\n\\n1 3 1 2 3|, row 2: expected a number of tokens, found an empty"
            + " row",
        "first.txt|\\n|: expected at least one row, found none",
        "second.txt|1 3 1 2 3|: expected 2 rows as in FOLDER/first.txt, found 1",
        "labels.txt|1|: expected 2 rows as in FOLDER/first.txt, found 1",
        "labels.txt|1\\n2\\n3|: expected 2 rows as in FOLDER/first.txt, found more",
        "labels.txt|1\\n\\n2|, row 2: expected text, found an empty row",
        "labels.txt|1\\ngood|, row 2: expected a label from 0 to 5, found 'good'",
        "labels.txt|5.01\\n1|, row 1: expected a label from 0 to 5, found '5.01'",
        "labels.txt|1\\n-0.5|, row 2: expected a label from 0 to 5, found '-0.5'",
        "pairs.tsv|a;b;0\\na;b;4.7|, row 2: expected the label 4.75 of FOLDER/labels.txt, found"
            + " 4.7",
        "pairs.tsv|a;b;0\\na;b|, row 2: expected sentence, sentence and label with tabs between,"
            + " found 2 columns",
      })
  void itIsToldInOneLine(String file, String text, String line) throws Exception {
    Path data = Data.tiny(folder.resolve("data"));
    Path spoilt = data.resolve(file);
    Files.writeString(spoilt, text.replace("\\n", "\n").replace(';', '\t') + "\n");
    assertTold(spoilt + line.replace("FOLDER", data.toString()), data);
  }

  @Test
  void aMissingFileIsTold() throws Exception {
    Path data = Data.tiny(folder.resolve("data"));
    Files.delete(data.resolve("second.txt"));
    assertTold(data + ": expected second.txt or second.txt.gz, found neither", data);
  }

  @Test
  void aGzipFileThatIsCutOffIsTold() throws Exception {
    Path data = Data.random(folder.resolve("data"), 500, 3, 1);
    Data.gzip(data.resolve("second.txt"));
    Path zipped = data.resolve("second.txt.gz");
    byte[] whole = Files.readAllBytes(zipped);
    Files.write(zipped, Arrays.copyOf(whole, whole.length / 2));
    Outcome outcome = score(data);
    String line = outcome.expectError(3);
    assertTrue(line.startsWith(zipped + ": expected a whole gzip file, found "), line);
    assertNothingLeft();
  }

  /** The second would else be told after all poolers were measured, which takes minutes. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "score --pooler sum --formula PLACE",
        "rank --scenarios PLACE",
        "calibrate --grades PLACE",
        "tune --out FOLDER --resume"
      })
  void aFolderInTheFilesPlaceIsToldByItsName(String command) throws Exception {
    Path data = Data.random(folder.resolve("data"), 60, 3, 1);
    Path place = Files.createDirectory(folder.resolve("trials.jsonl"));
    String words = command.replace("PLACE", place.toString()).replace("FOLDER", folder.toString());
    String error =
        Poolmark.built().run((words + " --dim 3 --data " + data).split(" ")).expectError(3);
    assertEquals(place + ": expected a file, found a folder", error);
  }

  private void assertTold(String line, Path data) throws Exception {
    assertEquals(line, score(data).expectError(3));
    assertNothingLeft();
  }

  private Outcome score(Path data) throws Exception {
    return Poolmark.built()
        .run(
            "score",
            "--data",
            data.toString(),
            "--dim",
            "3",
            "--cache",
            folder.resolve("cache").toString(),
            "--out",
            folder.resolve("report.txt").toString());
  }

  private void assertNothingLeft() throws Exception {
    assertEquals(List.of(), Data.names(folder.resolve("cache")));
    assertTrue(List.of("cache", "data").containsAll(Data.names(folder)));
  }
}
