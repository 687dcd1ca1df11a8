package dev.poolmark.evaluator.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.poolmark.evaluator.evaluation.EvaluationReport;
import dev.poolmark.evaluator.metric.PairScores;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;
import org.apache.commons.csv.CSVRecord;
import org.junit.jupiter.api.Test;

class ReportFormatTest {

  private static final List<EvaluationReport> REPORTS =
      List.of(
          Reports.failed("broken", "threw on batch 3: expected (64, 768), found \"nothing\""),
          Reports.scored("mean", 84.25),
          Reports.scored("attention:heads=4,output_dim=256", 91.5, "over the size limit"));

  @Test
  void tableRanksByTotalAndPutsFailuresLast() {
    List<String> lines = ReportFormat.TABLE.render(REPORTS).lines().toList();
    assertEquals(
        "pooler                            quality   time   total    95% interval       size  ratio",
        lines.get(0));
    assertEquals(
        "attention:heads=4,output_dim=256    73.00  18.50   91.50  90.50 to 92.75  120.6 KiB  0.730",
        lines.get(1));
    assertEquals("    ! over the size limit", lines.get(2));
    assertTrue(lines.get(3).startsWith("mean      "), lines.get(3));
    assertTrue(lines.get(4).startsWith("broken    "), lines.get(4));
    assertTrue(lines.get(4).contains("failed"));
    assertEquals("    ! threw on batch 3: expected (64, 768), found \"nothing\"", lines.get(5));
    assertEquals("", lines.get(6));
  }

  @Test
  void tableSaysWhatItRestsOnAndFitsTheScreen() {
    String table =
        ReportFormat.TABLE.render(List.of(Reports.failed("x", "a word ".repeat(60).strip())));
    assertTrue(table.lines().allMatch(line -> line.length() <= 120), table);
    assertEquals(60, table.split("a word|a\\s+word", -1).length - 1);
    assertTrue(
        table.contains("data: sample, 1,500 pairs, 3,000 sentences, 41,234 tokens of 768 numbers"));
    assertTrue(table.contains("machine: Some CPU @ 2.50GHz, torch 2.3.0 on 1 thread, Java 17.0.9"));
    assertTrue(table.contains("quality = 80 * max(0, cosine_spearman) (assumption: "));
    assertTrue(table.contains("time = 20 / (1 + r/9)"));
  }

  @Test
  void jsonHasEveryFieldOfTheContract() throws IOException {
    JsonNode array = new ObjectMapper().readTree(ReportFormat.JSON.render(REPORTS));
    assertEquals(3, array.size());
    for (JsonNode report : array) {
      assertEquals(
          List.of(
              "pooler",
              "dataset",
              "quality",
              "time",
              "total",
              "eligible",
              "findings",
              "formula",
              "environment"),
          names(report));
    }
    JsonNode mean = array.get(1);
    assertEquals(
        List.of(
            "name",
            "spec",
            "plugin",
            "version",
            "output_dim",
            "parameters",
            "parameter_bytes",
            "within_size_limit"),
        names(mean.get("pooler")));
    assertEquals(
        List.of("name", "pairs", "sentences", "tokens", "dim", "sha256"),
        names(mean.get("dataset")));
    assertEquals(
        List.of(
            "score",
            "metric",
            "ci95",
            "cosine_pearson",
            "cosine_spearman",
            "dot_pearson",
            "dot_spearman",
            "euclidean_pearson",
            "euclidean_spearman",
            "manhattan_pearson",
            "manhattan_spearman"),
        names(mean.get("quality")));
    assertEquals(
        List.of(
            "score",
            "inference_seconds",
            "us_per_sentence",
            "reference",
            "reference_ratio",
            "reference_ratio_ci95",
            "engine",
            "protocol",
            "passes",
            "protocols",
            "by_length"),
        names(mean.get("time")));
    assertEquals(
        List.of("min_tokens", "max_tokens", "sentences", "us_per_sentence"),
        names(mean.get("time").get("by_length").get(0)));
    assertEquals(
        List.of(
            "protocol",
            "batch_size",
            "us_per_sentence",
            "reference_ratio",
            "reference_ratio_ci95",
            "score"),
        names(mean.get("time").get("protocols").get(0)));
    assertEquals(
        List.of(
            "torch", "threads", "cpu", "java", "python", "batch_size", "order", "node", "machine"),
        names(mean.get("environment")));
    assertTrue(mean.get("quality").get("dot_pearson").isNull());
    assertEquals(0.84, mean.get("quality").get("dot_spearman").doubleValue());
    assertTrue(array.get(0).get("quality").isNull());
  }

  @Test
  void jsonReadsBackAsTheReport() throws IOException {
    EvaluationReport[] read =
        new ObjectMapper().readValue(ReportFormat.JSON.render(REPORTS), EvaluationReport[].class);
    assertEquals(REPORTS.get(0), read[0]);
    assertEquals(REPORTS.get(1).pooler(), read[1].pooler());
    assertEquals(91.5, read[2].total().score());
  }

  @Test
  void csvStartsWithTheColumnsOfSentenceTransformers() throws IOException {
    String csv = ReportFormat.CSV.render(REPORTS);
    assertTrue(
        csv.startsWith(
            "epoch,steps,cosine_pearson,cosine_spearman,euclidean_pearson,euclidean_spearman,"
                + "manhattan_pearson,manhattan_spearman,dot_pearson,dot_spearman,pooler,"),
        csv);
    try (CSVParser parser =
        CSVParser.parse(
            csv, CSVFormat.RFC4180.builder().setHeader().setSkipHeaderRecord(true).get())) {
      List<CSVRecord> rows = parser.getRecords();
      assertEquals(3, rows.size());
      assertTrue(rows.stream().allMatch(CSVRecord::isConsistent));
      CSVRecord attention = rows.get(2);
      assertEquals("-1", attention.get("epoch"));
      assertEquals("0.82", attention.get("cosine_spearman"));
      assertEquals("0.85", attention.get("euclidean_pearson"));
      assertEquals("0.88", attention.get("manhattan_spearman"));
      assertEquals("", attention.get("dot_pearson"));
      assertEquals("attention:heads=4,output_dim=256", attention.get("pooler"));
      assertEquals("73.0", attention.get("quality_score"));
      assertEquals("91.5", attention.get("total_score"));
      assertEquals("false", attention.get("eligible"));
      assertEquals("", rows.get(0).get("total_score"));
      assertEquals(REPORTS.get(0).findings().get(0), rows.get(0).get("findings"));
    }
  }

  @Test
  void mtebGivesOneObjectForOnePoolerInItsOwnSpelling() throws IOException {
    JsonNode result = new ObjectMapper().readTree(ReportFormat.MTEB.render(REPORTS.subList(1, 2)));
    assertEquals(
        List.of(
            "dataset_revision",
            "task_name",
            "mteb_version",
            "scores",
            "evaluation_time",
            "kg_co2_emissions",
            "pooler"),
        names(result));
    JsonNode scores = result.get("scores").get("test").get(0);
    assertEquals(
        List.of(
            "pearson",
            "spearman",
            "cosine_pearson",
            "cosine_spearman",
            "manhattan_pearson",
            "manhattan_spearman",
            "euclidean_pearson",
            "euclidean_spearman",
            "main_score",
            "hf_subset",
            "languages"),
        names(scores));
    assertEquals(0.82, scores.get("main_score").doubleValue());
    assertEquals(0.81, scores.get("pearson").doubleValue());
    assertEquals(0.87, scores.get("manhattan_pearson").doubleValue());
    assertEquals("default", scores.get("hf_subset").textValue());
    assertTrue(scores.get("languages").isArray());
    assertEquals(0.75, result.get("evaluation_time").doubleValue());
    assertEquals("sample", result.get("task_name").textValue());
    assertTrue(result.get("mteb_version").isNull());
  }

  @Test
  void mtebGivesAnArrayForSeveralPoolersFailedOnesWithoutScores() throws IOException {
    JsonNode results = new ObjectMapper().readTree(ReportFormat.MTEB.render(REPORTS));
    assertEquals(3, results.size());
    assertEquals("broken", results.get(0).get("pooler").textValue());
    assertTrue(results.get(0).get("scores").get("test").isEmpty());
    assertFalse(results.get(1).get("scores").get("test").isEmpty());
  }

  @Test
  void pairScoresAreCountedFromOneAndReadBackExactly() throws IOException {
    PairScores scores = new PairScores();
    scores.add(2.5, new float[] {1, 2}, 0, new float[] {3, 5}, 0, 2);
    scores.add(0, new float[] {0.1f, 0}, 0, new float[] {0.1f, 0}, 0, 2);
    StringBuilder text = new StringBuilder();
    try (PairScoresCsv csv = new PairScoresCsv(text)) {
      csv.write("attention:heads=4,output_dim=256", scores);
      csv.write("mean", scores);
    }
    List<String> lines = text.toString().lines().toList();
    assertEquals("pooler,pair,label,cosine,dot,euclidean,manhattan", lines.get(0));
    assertEquals(
        "\"attention:heads=4,output_dim=256\",1,2.5,"
            + 13 / Math.sqrt(5.0 * 34)
            + ",13.0,"
            + -Math.sqrt(13)
            + ",-5.0",
        lines.get(1));
    assertEquals(5, lines.size());
    assertTrue(lines.get(4).startsWith("mean,2,0.0,1.0,"), lines.get(4));
    assertTrue(lines.get(4).endsWith(",0.0,0.0"), lines.get(4));
  }

  private static List<String> names(JsonNode object) {
    List<String> names = new ArrayList<>();
    object.fieldNames().forEachRemaining(names::add);
    return names;
  }
}
