package dev.poolmark.evaluator.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.poolmark.evaluator.folder.TestFolders;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Triplets from text and from a stored folder, with a tiny model folder. */
class TripletsTest {

  private static final String ROWS =
      "Snow in May.\tSnow in May.\tBread is baked.\t4.5\n"
          + "Snow in May.\tBread is baked.\tSnow in May.\t-1e1\n"
          + "A b c.\tA b c.\tRain on the harbour.\t0\n"
          + "Snow.\tRain.\tRain.\t0\n";

  /** One document is there twice, and one is a positive, too. */
  private static final String CORPUS =
      "Ships leave the harbour.\nSnow in May.\nShips leave the harbour.\nSnow.\nTwo tea cups.\n";

  @TempDir private Path work;
  private Path folder;
  private Path triplets;
  private Path corpus;

  @BeforeEach
  void layOut() throws IOException {
    folder = TestFolders.distilBert(Files.createDirectory(work.resolve("tiny")));
    triplets = Files.writeString(work.resolve("rows.tsv"), ROWS);
    corpus = Files.writeString(work.resolve("talks.txt"), CORPUS);
  }

  @Test
  void accuracyCountsTheTripletsWhosePositiveIsCloser() throws IOException {
    JsonNode report = fromText().get(0);
    assertEquals(4, report.at("/dataset/triplets").asInt());
    assertEquals("folder", report.at("/pooler/name").asText());
    assertEquals(8, report.at("/pooler/output_dim").asInt());
    assertEquals(.5, report.get("cosine_accuracy").asDouble(), "a tie is a miss");
    assertEquals(.5, report.get("euclidean_accuracy").asDouble());
    assertEquals(.5, report.get("manhattan_accuracy").asDouble());
    assertTrue(report.has("dot_accuracy"));
    JsonNode interval = report.at("/ci95/cosine_accuracy");
    assertTrue(interval.get(0).asDouble() < .5 && interval.get(1).asDouble() > .5);
    assertFalse(report.has("cosine_accuracy@1"), "there is no corpus");
  }

  @Test
  void positivesAreSoughtInTheCorpusOfDistinctDocuments() throws IOException {
    JsonNode report = fromText("--corpus", corpus.toString(), "--score", "euclidean").get(0);
    assertEquals(3, report.at("/dataset/queries").asInt());
    // four of the corpus; of the triplets: Bread, A b c, Rain and Rain on the harbour
    assertEquals(8, report.at("/dataset/documents").asInt());
    assertEquals(2 / 3.0, report.get("euclidean_accuracy@1").asDouble(), 1e-12);
    // Snow in May has two relevant ones, and finds itself first; Snow finds itself, not Rain
    assertEquals((.5 + 1) / 3, report.get("euclidean_recall@1").asDouble(), 1e-12);
    assertEquals(1, report.get("euclidean_recall@10").asDouble());
    assertTrue(report.has("euclidean_map@100"));
  }

  @Test
  void storedFolderGivesTheFiguresOfItsTexts() throws IOException {
    JsonNode fromText = fromText("--corpus", corpus.toString(), "--pooler", "mean");
    Path data = work.resolve("data");
    Run encode =
        run(
            "encode",
            "--encoder",
            folder.toString(),
            "--triplets",
            triplets.toString(),
            "--corpus",
            corpus.toString(),
            "--out",
            data.toString());
    assertEquals(0, encode.exitCode(), encode.err());
    assertTrue(encode.out().startsWith("4 triplets, 5 documents, "), encode.out());
    assertEquals(
        List.of(
            "anchor.txt",
            "corpus.safetensors",
            "corpus.tsv",
            "corpus.txt",
            "margins.txt",
            "negative.txt",
            "positive.txt",
            "tokens.safetensors",
            "triplets.tsv"),
        names(data));
    assertEquals(
        List.of("4.5", "-10.0", "0.0", "0.0"), Files.readAllLines(data.resolve("margins.txt")));
    assertSameFigures(fromText.get(0), fromFolder(data).get(0));
    Files.delete(data.resolve("tokens.safetensors"));
    Files.delete(data.resolve("corpus.safetensors"));
    assertSameFigures(fromText.get(0), fromFolder(data).get(0));

    Files.delete(data.resolve("triplets.tsv"));
    assertFault(
        "%s: expected triplets.tsv beside corpus.txt: it tells which documents are the same, found none"
            .formatted(data),
        "--data",
        data.toString(),
        "--dim",
        "8");
  }

  private JsonNode fromFolder(Path data) throws IOException {
    return read("--data", data.toString(), "--dim", "8", "--pooler", "mean");
  }

  private static void assertSameFigures(JsonNode expected, JsonNode found) {
    List<String> keys = new ArrayList<>();
    expected.fieldNames().forEachRemaining(keys::add);
    for (String key : keys) {
      if (expected.get(key).isDouble()) {
        assertEquals(expected.get(key).asDouble(), found.get(key).asDouble(), 1e-12, key);
      }
    }
    assertEquals(expected.at("/dataset/documents"), found.at("/dataset/documents"));
  }

  @Test
  void marginsThatOtherTripletsLeftAreNotTakenForTheirs() throws IOException {
    Path data = Files.createDirectory(work.resolve("used"));
    Path margins = Files.writeString(data.resolve("margins.txt"), "1\n2\n");
    Path bare = Files.writeString(work.resolve("bare.tsv"), "a\tb\tc\nd\te\tf\n");
    Run encode =
        run(
            "encode",
            "--encoder",
            folder.toString(),
            "--triplets",
            bare.toString(),
            "--out",
            data.toString());
    assertEquals(3, encode.exitCode());
    assertEquals(
        "poolmark: %s: expected no margins, as the triplets have none, found margins of other triplets"
            .formatted(margins),
        encode.err().strip());
  }

  @Test
  void tripletsWithoutARowAreRefusedBesideMarginsThatOthersLeft() throws IOException {
    Path data = Files.createDirectory(work.resolve("left"));
    Files.writeString(data.resolve("margins.txt"), "1\n2\n");
    Path empty = Files.writeString(work.resolve("empty.tsv"), "");
    Run encode =
        run(
            "encode",
            "--encoder",
            folder.toString(),
            "--triplets",
            empty.toString(),
            "--out",
            data.toString());
    assertEquals(3, encode.exitCode(), encode.err());
    assertTrue(encode.err().startsWith("poolmark: " + empty + ": expected "), encode.err());
    assertEquals(1, encode.err().strip().lines().count(), encode.err());
  }

  @Test
  void eachPoolerHasItsRowOfTheEvaluatorsColumns() {
    Run run =
        run(
            "triplets",
            "--encoder",
            folder.toString(),
            "--triplets",
            triplets.toString(),
            "--corpus",
            corpus.toString(),
            "--pooler",
            "folder",
            "--pooler",
            "max",
            "--format",
            "csv");
    assertEquals(0, run.exitCode(), run.err());
    List<String> rows = run.out().lines().toList();
    assertEquals(3, rows.size(), run.out());
    assertTrue(
        rows.get(0)
            .startsWith(
                "epoch,steps,accuracy_cosine,accuracy_dot,accuracy_euclidean,accuracy_manhattan,"
                    + "cosine-Accuracy@1,cosine-Accuracy@3,"),
        rows.get(0));
    assertTrue(
        rows.get(0)
            .endsWith("cosine-MRR@10,cosine-NDCG@10,cosine-MAP@100,pooler,eligible,findings"));
    assertTrue(rows.get(1).endsWith(",folder,true,"), rows.get(1));
    assertTrue(rows.get(2).endsWith(",max,true,"), rows.get(2));
  }

  @Test
  void badRowsAreNamed() throws IOException {
    assertBad("a\tb\tc\n\na\tb\tc\n", 2, "text, found an empty row");
    assertBad("a\tb\tc\t1\na\tb\tc\n", 2, "4 columns, as in the rows above, found 3 columns");
    assertBad("a\tb\tc\tNaN\n", 1, "a finite margin in column 4, found 'NaN'");
    assertBad("a\tb\tc\t1e999\n", 1, "a finite margin in column 4, found '1e999'");
    assertBad(
        "a\tb\n",
        1,
        "3 or 4 columns separated by tabs (anchor, positive, negative, margin), found 2 columns");
  }

  private void assertBad(String text, int row, String expected) throws IOException {
    Path file = Files.writeString(work.resolve("bad.tsv"), text);
    assertFault(
        "%s, row %d: expected %s".formatted(file, row, expected), "--triplets", file.toString());
  }

  @Test
  void marginsOfTheirOwnFileMustFitTheTriplets() throws IOException {
    Path rows = Files.writeString(work.resolve("three.tsv"), "a\tb\tc\nd\te\tf\n");
    Path margins = work.resolve("teacher.txt");
    String[] args = {"--triplets", rows.toString(), "--margins", margins.toString()};
    Files.writeString(margins, "1.5\n");
    assertFault(
        "%s: expected a margin for each triplet of %s, found 1 row".formatted(margins, rows), args);
    Files.writeString(margins, "1.5\n-2\n3\n");
    assertFault(
        "%s, row 3: expected no more margins than the 2 triplets of %s, found more"
            .formatted(margins, rows),
        args);
    Files.writeString(margins, "1.5\nnan\n");
    assertFault("%s, row 2: expected a finite margin, found 'nan'".formatted(margins), args);
    Files.writeString(rows, "a\tb\tc\t1\nd\te\tf\t1\n");
    assertFault(
        "%s, row 1: expected 3 columns, as the margins have a file of their own, found 4 columns"
            .formatted(rows),
        args);
  }

  @Test
  void filesOfAFolderThatDoNotFitEachOtherAreNamed() throws IOException {
    Path data = Files.createDirectory(work.resolve("by-hand"));
    Files.writeString(data.resolve("anchor.txt"), "1 2 1 2\n1 2 3 4\n");
    Files.writeString(data.resolve("positive.txt"), "1 2 1 2\n");
    String[] args = {"--data", data.toString(), "--dim", "2"};
    assertFault(
        "%s: expected negative.txt or negative.txt.gz, found neither".formatted(data), args);
    Files.writeString(data.resolve("negative.txt"), "1 2 1 2\n1 2 3 4\n");
    assertFault(
        "%s: expected 2 rows as in %s, found 1"
            .formatted(data.resolve("positive.txt"), data.resolve("anchor.txt")),
        args);
    Files.writeString(data.resolve("positive.txt"), "1 2 1 2\n1 2 3 4\n");
    Files.writeString(data.resolve("margins.txt"), "1\ninf\n");
    assertFault(
        "%s, row 2: expected a finite margin, found 'inf'".formatted(data.resolve("margins.txt")),
        args);
    Files.writeString(data.resolve("margins.txt"), "1\n2\n");
    Files.writeString(data.resolve("triplets.tsv"), "a\tb\tc\t1\nd\te\tf\t3\n");
    assertFault(
        "%s, row 2: expected the margin 2.0 of %s, found 3.0"
            .formatted(data.resolve("triplets.tsv"), data.resolve("margins.txt")),
        args);
    Files.writeString(data.resolve("triplets.tsv"), "a\tb\tc\t1\nd\te\n");
    assertFault(
        "%s, row 2: expected anchor, positive, negative and perhaps margin with tabs between, found"
                .formatted(data.resolve("triplets.tsv"))
            + " 2 columns",
        args);
    Run score = run("score", "--data", data.toString(), "--dim", "2", "--pooler", "mean");
    assertEquals(3, score.exitCode());
    assertEquals(
        "poolmark: %s: expected labelled pairs, first.txt, second.txt and labels.txt, found triplets;"
                .formatted(data)
            + " see 'poolmark triplets --data'",
        score.err().strip());
  }

  @Test
  void poolerThatCanNotBeMadeCostsItsOwnReportOnly() throws IOException {
    Path script = Files.writeString(work.resolve("broken.pt"), "no script");
    JsonNode reports = fromText("--pooler", script.toString(), "--pooler", "max");
    assertFalse(reports.get(0).get("eligible").asBoolean());
    assertTrue(reports.get(0).get("findings").get(0).asText().contains("broken.pt"));
    assertTrue(reports.get(1).get("eligible").asBoolean());
  }

  private JsonNode fromText(String... more) throws IOException {
    String[] args = {"--encoder", folder.toString(), "--triplets", triplets.toString()};
    return read(Stream.of(args, more).flatMap(Arrays::stream).toArray(String[]::new));
  }

  private JsonNode read(String... args) throws IOException {
    Run run = triplets(args);
    assertEquals(0, run.exitCode(), run.err());
    return new ObjectMapper().readTree(run.out());
  }

  private void assertFault(String line, String... args) {
    Run run = triplets(args);
    assertEquals("poolmark: " + line, run.err().strip());
    assertEquals(3, run.exitCode());
  }

  private Run triplets(String... args) {
    String[] fixed = {"triplets", "--format", "json", "--cache", work.resolve("cache").toString()};
    return run(Stream.of(fixed, args).flatMap(Arrays::stream).toArray(String[]::new));
  }

  private record Run(int exitCode, String out, String err) {}

  private static Run run(String... args) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int exitCode = Poolmark.run(args, new PrintWriter(out), new PrintWriter(err));
    return new Run(exitCode, out.toString(), err.toString());
  }

  private static List<String> names(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }
}
