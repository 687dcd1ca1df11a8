package dev.poolmark.server.distribution;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the commands promise to programs: exit codes, results on stdout, one line of error. */
class CommandLineIT {

  private static final int PAIRS = 100;

  @TempDir Path folder;
  private Path data;

  @BeforeEach
  void makeData() throws Exception {
    data = Data.random(folder.resolve("data"), PAIRS, 8, 1);
  }

  @Test
  void withoutDataEveryBuiltInPoolerIsScoredOnTheSample() throws Exception {
    Outcome table = run("score").expectDone();
    List<String> lines = table.stdout().lines().toList();
    assertTrue(lines.get(0).startsWith("pooler "), table::toString);
    assertTrue(table.stdout().contains("\ndata: sample, "), table::toString);
    assertFalse(table.stdout().contains("failed"), table::toString);

    Set<String> scored = new HashSet<>();
    double last = 100;
    for (String line : lines.subList(1, lines.indexOf(""))) {
      if (line.startsWith(" ")) {
        assertEquals(
            "! its weights are initial ones, not trained: see 'poolmark train'", line.strip());
        continue;
      }
      String[] cells = line.split("\\s+");
      scored.add(cells[0]);
      double total = Double.parseDouble(cells[3]);
      assertTrue(total <= last, "best total first: " + table.stdout());
      last = total;
    }
    Set<String> installed = new HashSet<>();
    JsonNode listing = run("poolers", "--format", "json").expectDone().json();
    listing.get("poolers").forEach(pooler -> installed.add(pooler.get("name").asText()));
    assertEquals(installed, scored);
    assertTrue(installed.containsAll(List.of("mean", "max", "cls", "concat", "sum", "amax")));
    assertEquals(0, listing.get("broken").size());
  }

  @Test
  void jsonIsAnArrayOfReports() throws Exception {
    Outcome outcome =
        score("--format", "json", "--pooler", "mean", "--pooler", "concat:modes=mean+max");
    JsonNode reports = outcome.expectDone().json();
    assertEquals(2, reports.size());
    JsonNode report = reports.get(1);
    assertEquals("concat", report.at("/pooler/name").asText());
    assertEquals("concat:modes=mean+max", report.at("/pooler/spec").asText());
    assertEquals(16, report.at("/pooler/output_dim").asInt());
    assertEquals(0, report.at("/pooler/parameter_bytes").asInt());
    assertTrue(report.at("/pooler/within_size_limit").asBoolean());
    assertEquals("data", report.at("/dataset/name").asText());
    assertEquals(PAIRS, report.at("/dataset/pairs").asInt());
    assertEquals(2 * PAIRS, report.at("/dataset/sentences").asInt());
    assertEquals(8, report.at("/dataset/dim").asInt());
    assertEquals(64, report.at("/dataset/sha256").asText().length());
    assertEquals(2, report.at("/quality/ci95").size());
    for (String similarity : List.of("cosine", "dot", "euclidean", "manhattan")) {
      assertTrue(report.at("/quality/" + similarity + "_pearson").isNumber());
      assertTrue(report.at("/quality/" + similarity + "_spearman").isNumber());
    }
    assertEquals("mean", report.at("/time/reference").asText());
    assertTrue(report.at("/time/reference_ratio").asDouble() > 0);
    assertEquals(2, report.at("/time/reference_ratio_ci95").size());
    assertTrue(report.at("/time/by_length").size() > 0);
    assertEquals(
        report.at("/quality/score").asDouble() + report.at("/time/score").asDouble(),
        report.at("/total/score").asDouble(),
        1e-9);
    assertTrue(report.get("eligible").asBoolean());
    assertTrue(report.get("findings").isArray());
    assertTrue(report.at("/formula/quality").asText().contains("assumption"));
    assertTrue(report.at("/environment/torch").asText().startsWith("2.3.0"));
    assertEquals(1, report.at("/environment/threads").asInt());
    assertEquals(64, report.at("/environment/batch_size").asInt());
  }

  @Test
  void csvHasTheColumnsOfSentenceTransformers() throws Exception {
    Outcome outcome = score("--format", "csv", "--pooler", "sum").expectDone();
    List<String> lines = outcome.stdout().lines().toList();
    assertEquals(2, lines.size());
    assertTrue(lines.get(0).startsWith("epoch,steps,cosine_pearson,cosine_spearman,euclidean_"));
    assertTrue(lines.get(1).startsWith("-1,-1,"), lines.get(1));
  }

  @Test
  void mtebHasItsMainScore() throws Exception {
    JsonNode result = score("--format", "mteb", "--pooler", "sum").expectDone().json();
    JsonNode test = result.at("/scores/test/0");
    assertEquals("data", result.get("task_name").asText());
    assertEquals(test.get("cosine_spearman"), test.get("main_score"));
  }

  @Test
  void outReceivesTheReportAndPairScoresThePairs() throws Exception {
    Path out = folder.resolve("report.json");
    Path scores = folder.resolve("pairs.csv");
    Outcome outcome =
        score(
            "--format",
            "json",
            "--pooler",
            "sum",
            "--out",
            out.toString(),
            "--pair-scores",
            scores.toString());
    assertEquals("", outcome.expectDone().stdout());
    JsonNode report = new ObjectMapper().readTree(out.toFile()).get(0);
    assertEquals("sum", report.at("/pooler/name").asText());
    List<String> rows = Files.readAllLines(scores);
    assertEquals("pooler,pair,label,cosine,dot,euclidean,manhattan", rows.get(0));
    assertEquals(PAIRS + 1, rows.size());
    String label = Files.readAllLines(data.resolve("labels.txt")).get(PAIRS - 1);
    assertTrue(rows.get(PAIRS).startsWith("sum,%d,%s,".formatted(PAIRS, label)), rows.get(PAIRS));
    assertEquals(List.of("data", "pairs.csv", "report.json"), Data.names(folder));
  }

  @Test
  void anOutFileThatCannotBeWrittenIsTold() throws Exception {
    String out = folder.resolve("nowhere/report.json").toString();
    for (String option : List.of("--out", "--pair-scores")) {
      assertEquals(
          folder.resolve("nowhere") + ": expected a folder, found none",
          score("--pooler", "sum", option, out).expectError(3));
      assertEquals(
          data + ": expected a file, found a folder",
          score("--pooler", "sum", option, data.toString()).expectError(3));
    }
  }

  @Test
  void progressIsJsonLinesOnStderr() throws Exception {
    Outcome outcome =
        score("--format", "json", "--pooler", "sum", "--progress", "json", "--batch-size", "1");
    assertEquals(0, outcome.exitCode(), outcome::toString);
    assertEquals(1, outcome.json().get(0).at("/environment/batch_size").asInt());
    List<String> lines = outcome.stderr().lines().toList();
    assertFalse(lines.isEmpty());
    for (String line : lines) {
      assertTrue(new ObjectMapper().readTree(line).isObject(), line);
    }
  }

  @Test
  void theFilesMayBeNamedOneByOneAndGzipped() throws Exception {
    JsonNode plain = score("--format", "json", "--pooler", "sum").expectDone().json().get(0);
    Path first = Files.move(data.resolve("first.txt"), folder.resolve("a.txt"));
    Data.gzip(data.resolve("second.txt"));
    Data.gzip(data.resolve("labels.txt"));
    JsonNode named =
        run(
                "score",
                "--first",
                first.toString(),
                "--second",
                data.resolve("second.txt.gz").toString(),
                "--labels",
                data.resolve("labels.txt.gz").toString(),
                "--pairs",
                data.resolve("pairs.tsv").toString(),
                "--dim",
                "8",
                "--cache",
                "none",
                "--format",
                "json",
                "--pooler",
                "sum")
            .expectDone()
            .json()
            .get(0);
    assertEquals(plain.at("/dataset/sha256"), named.at("/dataset/sha256"));
    assertEquals(plain.get("quality"), named.get("quality"));
  }

  @Test
  void aCacheFolderKeepsTheParsedData() throws Exception {
    Path cache = folder.resolve("cache");
    JsonNode first = scoreSumWith(cache);
    List<String> kept = Data.names(cache);
    assertEquals(2, kept.size(), kept::toString);
    JsonNode second = scoreSumWith(cache);
    assertEquals(first.get("quality"), second.get("quality"));
    assertEquals(kept, Data.names(cache));
    Files.writeString(data.resolve("labels.txt"), "1\n".repeat(PAIRS));
    Files.delete(data.resolve("pairs.tsv"));
    assertTrue(
        scoreSumWith(cache).at("/quality/cosine_spearman").isNull(), "other labels are seen");
  }

  private JsonNode scoreSumWith(Path cache) throws Exception {
    return run(
            "score",
            "--data",
            data.toString(),
            "--dim",
            "8",
            "--cache",
            cache.toString(),
            "--format",
            "json",
            "--pooler",
            "sum")
        .expectDone()
        .json()
        .get(0);
  }

  @Test
  void theScoringThreadIsPinnedToACore() throws Exception {
    score("--pooler", "sum", "--pin-core", "0").expectDone();
    String error = score("--pooler", "sum", "--pin-core", "4096").expectError(2);
    assertTrue(error.contains("a core to pin to is from 0 to "), error);
    assertTrue(error.contains(", found 4096"), error);
  }

  @Test
  void compareTellsWhichOfTwoIsBetter() throws Exception {
    Outcome outcome =
        run("compare", "--data", data.toString(), "--dim", "8", "--cache", "none", "mean", "sum")
            .expectDone();
    assertTrue(
        outcome.stdout().contains("The second has the better total with a chance of "),
        outcome::toString);
  }

  @Test
  void calibrateWritesAFormulaForScore() throws Exception {
    Path report = folder.resolve("report.json");
    score(
            "--format",
            "json",
            "--pooler",
            "mean",
            "--pooler",
            "max",
            "--pooler",
            "cls",
            "--pooler",
            "sum",
            "--out",
            report.toString())
        .expectDone();
    Path grades = folder.resolve("grades.csv");
    Files.writeString(
        grades,
        """
        report,quality,time,pooler
        report.json,40.5,17,mean
        report.json,38.25,12,max
        report.json,35,19,cls
        report.json,41,19.5,sum
        """);
    Path formula = folder.resolve("formula.json");
    run("calibrate", "--grades", grades.toString(), "--out", formula.toString()).expectDone();
    score("--pooler", "sum", "--formula", formula.toString()).expectDone();

    Files.writeString(grades, "report,quality,time\nreport.json,forty,1\n");
    run("calibrate", "--grades", grades.toString()).expectError(3);
  }

  @Test
  void encodeWritesWhatScoreReads() throws Exception {
    Path pairs = folder.resolve("mine.tsv");
    Files.writeString(
        pairs,
        """
        A man plays a guitar.\tSomebody makes music.\t3.8
        It rains.\tThe sun shines.\t1
        Two dogs run.\tA pair of dogs is running.\t4.9
        """);
    Path out = folder.resolve("encoded");
    Outcome outcome =
        run("encode", "--pairs", pairs.toString(), "--out", out.toString()).expectDone();
    assertTrue(outcome.stdout().startsWith("3 pairs, "), outcome::toString);
    assertEquals(
        List.of("first.txt", "labels.txt", "pairs.tsv", "second.txt", "tokens.safetensors"),
        Data.names(out));
    JsonNode report =
        run("score", "--data", out.toString(), "--format", "json", "--pooler", "mean")
            .expectDone()
            .json()
            .get(0);
    assertEquals(3, report.at("/dataset/pairs").asInt());
    assertEquals(768, report.at("/dataset/dim").asInt());

    flipAByte(out.resolve("tokens.safetensors"));
    Outcome again =
        run("score", "--data", out.toString(), "--cache", folder + "/cache", "--pooler", "mean");
    assertEquals(0, again.exitCode(), again::toString);
    assertEquals(1, again.stderr().lines().count(), again::toString);
    assertTrue(again.stderr().endsWith("; it is made anew\n"), again::toString);

    Files.writeString(pairs, "Only one.\t2\n");
    Path nothing = folder.resolve("nothing");
    String error =
        run("encode", "--pairs", pairs.toString(), "--out", nothing.toString()).expectError(3);
    assertTrue(error.startsWith(pairs + ", row 1: expected "), error);
    assertEquals(List.of("cache", "data", "encoded", "mine.tsv"), Data.names(folder));
  }

  private static void flipAByte(Path file) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    bytes[bytes.length / 2] ^= 1;
    Files.write(file, bytes);
  }

  @Test
  void aBrokenJarIsListedAndTheOthersAreThere() throws Exception {
    Path plugins = Files.createDirectories(folder.resolve("plugins"));
    PluginJar.writeWithoutApi(plugins.resolve("old.jar"));
    Files.writeString(plugins.resolve("text.jar"), "no jar at all");
    String listing = run("poolers", "--plugins", plugins.toString()).expectDone().stdout();
    assertTrue(listing.contains("BROKEN  old.jar: expected "), listing);
    assertTrue(listing.contains("BROKEN  text.jar: expected "), listing);
    assertTrue(listing.contains("mean"), listing);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "|expected a command, found none; see 'poolmark --help'",
        "scor|Unmatched argument",
        "score --sped 3|Unknown option",
        "score --batch-size 0|a batch has at least 1 pair, found 0",
        "score --batch-size many|batch-size",
        "score --format xml|--format",
        "score --timeout 0|a timeout is above 0 s and at most 31536000 s, found 0.0 s",
        "score --timeout 1e300|a timeout is above 0 s and at most 31536000 s, found ",
        "score --dim 0|--dim: expected a width from 1 to 65536, found 0",
        "score --dim 70000|--dim: expected a width from 1 to 65536, found 70000",
        "score --dim 8|the bundled sample is 768 wide, found 8",
        "score --pooler nobody|found no pooler 'nobody'",
        "score --pooler mean:heads=4|unknown option 'heads'",
        "score --pooler concat:modes=best|option 'modes': expected some of ",
        "score --pooler no.pt|expected a TorchScript file, found no such file",
        "score --plugins /no/where|/no/where: expected a folder of plugins, found none",
        "score --first a.txt|expected --first, --second and --labels together",
        "score --data . --first a.txt|expected either --data or --first",
        "compare mean|SECOND",
        "encode|--pairs",
      })
  void badUsageIsTold(String line, String part) throws Exception {
    String error = run(line == null ? new String[0] : line.split(" ")).expectError(2);
    assertTrue(error.contains(part), error);
  }

  private Outcome score(String... more) throws Exception {
    List<String> line =
        new ArrayList<>(
            List.of("score", "--data", data.toString(), "--dim", "8", "--cache", "none"));
    line.addAll(List.of(more));
    return run(line.toArray(String[]::new));
  }

  private static Outcome run(String... arguments) throws Exception {
    return Poolmark.built().run(arguments);
  }
}
