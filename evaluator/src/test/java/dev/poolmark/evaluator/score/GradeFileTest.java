package dev.poolmark.evaluator.score;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.poolmark.evaluator.metric.Metric;
import dev.poolmark.evaluator.report.ReportFormat;
import dev.poolmark.evaluator.report.Reports;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GradeFileTest {

  @TempDir Path folder;

  @BeforeEach
  void writeReports() throws IOException {
    Files.writeString(
        folder.resolve("one.json"), ReportFormat.JSON.render(List.of(Reports.scored("mean", 84))));
    Files.writeString(
        folder.resolve("more.json"),
        ReportFormat.JSON.render(
            List.of(
                Reports.scored("attention:heads=4", 90),
                Reports.scored("sum", 88),
                Reports.failed("broken", "threw"))));
    Files.writeString(folder.resolve("not.json"), "{");
    Files.writeString(folder.resolve("object.json"), "{}");
  }

  @Test
  void gradesMeetTheReportsOfTheirPoolers() throws IOException {
    List<Observation> observations =
        read(
            """
            report,quality,time,pooler
            one.json,70.5,17.25,
            more.json, 71 ,,attention:heads=4
            more.json,,19.5,attention
            """);
    assertEquals(3, observations.size());
    Observation first = observations.get(0);
    assertEquals("mean", first.measured().name());
    assertEquals(70.5, first.quality());
    assertEquals(17.25, first.time());
    assertEquals(0.73, first.measured().times().get(new Setting("fresh", 64)).ratio());
    assertEquals(0.23, first.measured().times().get(new Setting("cold", 64)).ratio());
    assertEquals(0.82, first.measured().correlations().get(Metric.COSINE_SPEARMAN));
    assertEquals(7, first.measured().correlations().size());
    assertEquals("attention:heads=4", observations.get(1).measured().name());
    assertNull(observations.get(1).time());
    assertNull(observations.get(2).quality());
  }

  @Test
  void poolersWithoutAReportAreMeasuredInTheirOrder() throws IOException {
    Path csv =
        Files.writeString(
            folder.resolve("grades.csv"),
            """
            pooler,report,quality,time
            sum,,70,19
            broken.zip,,50,10
            ,one.json,70.5,17.25
            mine.zip,,71,
            """);
    Setting fresh = new Setting("fresh", 64);
    List<Observation> observations =
        GradeFile.read(
            csv,
            specs ->
                specs.stream()
                    .filter(spec -> !spec.equals("broken.zip"))
                    .collect(
                        Collectors.toMap(
                            Function.identity(),
                            spec ->
                                new Measured(
                                    spec,
                                    Map.of(),
                                    Map.of(fresh, new Measured.Timed(1, 20)),
                                    fresh))));
    assertEquals(
        List.of("sum", "mean", "mine.zip"),
        observations.stream().map(observation -> observation.measured().name()).toList());
    assertEquals(71, observations.get(2).quality());
    assertRefused("pooler,quality,time\nsum,,\n", "line 2: expected points for quality or time");
    assertRefused("pooler,quality,time\n,70,\n", "line 2: expected a report or a pooler");
  }

  @Test
  void poolerColumnCanBeLeftOut() throws IOException {
    assertEquals(1, read("report,quality,time\none.json,70.5,17.25\n").size());
    assertEquals(1, read("time,report,quality\r\n17.25,one.json,70.5\r\n").size());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          one.json,70,17,median | line 2: one.json: expected one report of median, found reports of mean
          more.json,70,17, | line 2: more.json: expected one report, or a column 'pooler', found reports of attention:heads=4, sum, broken
          more.json,70,17,broken | line 2: more.json: expected a pooler that was scored, found no quality or time for broken
          one.json,seventy,17, | line 2: quality: expected points, found 'seventy'
          one.json,80,17, | line 2: quality: expected points inside (0, 80), found 80.0
          one.json,NaN,17, | line 2: quality: expected points inside (0, 80), found NaN
          one.json,70,-1, | line 2: time: expected points inside (0, 20), found -1.0
          one.json,,, | line 2: expected points for quality or time, found neither
          one.json,70 | line 2: expected as many fields as the header has, found 2
          """)
  void badRowIsRefusedByItsLine(String row, String expected) {
    assertEquals(
        folder.resolve("grades.csv") + ": " + expected,
        assertThrows(
                BadScoreInputException.class,
                () -> read("report,quality,time,pooler\n" + row + "\n"))
            .getMessage());
  }

  @Test
  void badReportsAndHeadersAreRefusedByName() {
    assertRefused("report,quality,time\nabsent.json,70,17\n", "absent.json: expected a report");
    assertRefused("report,quality,time\nnot.json,70,17\n", "not.json: expected JSON");
    assertRefused("report,quality,time\nobject.json,70,17\n", "object.json: expected an array");
    assertRefused(
        "report,quality\none.json,70\n",
        ": line 1: expected the columns quality,time and report or pooler, found report,quality");
    assertRefused("report,report,quality,time\n", "line 1: ");
    assertRefused("report,quality,time\none.json,\"70,17\n", "expected CSV");
    assertThrows(NoSuchFileException.class, () -> read(folder.resolve("none.csv")));
  }

  @Test
  void ratiosToDifferentReferencesAreNotMixed() throws IOException {
    String report = Files.readString(folder.resolve("one.json"));
    Files.writeString(
        folder.resolve("sum.json"),
        report.replace("\"reference\" : \"mean\"", "\"reference\" : \"sum\""));
    assertRefused(
        "report,quality,time\none.json,70,17\nsum.json,70,17\n",
        "line 3: sum.json: expected times relative to mean, as above, found sum");
  }

  private void assertRefused(String csv, String expected) {
    String message = assertThrows(BadScoreInputException.class, () -> read(csv)).getMessage();
    assertTrue(message.contains(expected), message);
    assertEquals(1, message.lines().count(), message);
  }

  private List<Observation> read(String csv) throws IOException {
    return read(Files.writeString(folder.resolve("grades.csv"), csv));
  }

  /** Where nothing is to be measured. */
  private static List<Observation> read(Path csv) throws IOException {
    return GradeFile.read(
        csv,
        specs -> {
          throw new AssertionError("measures " + specs);
        });
  }
}
