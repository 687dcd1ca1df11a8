package dev.poolmark.evaluator.report;

import dev.poolmark.evaluator.evaluation.EvaluationReport;
import dev.poolmark.evaluator.evaluation.EvaluationReport.Quality;
import dev.poolmark.evaluator.evaluation.EvaluationReport.Time;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.List;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVPrinter;

/**
 * The CSV format: the ten columns of sentence-transformers' {@code EmbeddingSimilarityEvaluator} in
 * its order, then Poolmark's own. A cell is empty where a value is not defined.
 */
final class Csv {

  /** What sentence-transformers' evaluators write for a run outside training. */
  static final int NOT_IN_TRAINING = -1;

  private static final List<String> COLUMNS =
      List.of(
          "epoch",
          "steps",
          "cosine_pearson",
          "cosine_spearman",
          "euclidean_pearson",
          "euclidean_spearman",
          "manhattan_pearson",
          "manhattan_spearman",
          "dot_pearson",
          "dot_spearman",
          "pooler",
          "quality_score",
          "time_score",
          "total_score",
          "reference_ratio",
          "us_per_sentence",
          "eligible",
          "findings");

  private static final CSVFormat FORMAT =
      CSVFormat.RFC4180.builder().setRecordSeparator("\n").get();

  private Csv() {}

  static String render(List<EvaluationReport> reports) {
    return render(COLUMNS, reports.stream().map(Csv::row).toList());
  }

  /** A header and its rows; a cell is empty where its value is null. */
  static String render(List<String> columns, List<List<Object>> rows) {
    StringBuilder text = new StringBuilder();
    try (CSVPrinter out = new CSVPrinter(text, FORMAT)) {
      out.printRecord(columns);
      out.printRecords(rows);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return text.toString();
  }

  private static List<Object> row(EvaluationReport report) {
    Quality quality = report.quality();
    Time time = report.time();
    return Arrays.asList(
        NOT_IN_TRAINING,
        NOT_IN_TRAINING,
        quality == null ? null : quality.cosinePearson(),
        quality == null ? null : quality.cosineSpearman(),
        quality == null ? null : quality.euclideanPearson(),
        quality == null ? null : quality.euclideanSpearman(),
        quality == null ? null : quality.manhattanPearson(),
        quality == null ? null : quality.manhattanSpearman(),
        quality == null ? null : quality.dotPearson(),
        quality == null ? null : quality.dotSpearman(),
        report.pooler().spec(),
        quality == null ? null : quality.score(),
        time == null ? null : time.score(),
        report.total() == null ? null : report.total().score(),
        time == null ? null : time.referenceRatio(),
        time == null ? null : time.usPerSentence(),
        report.eligible(),
        String.join(" ", report.findings()));
  }
}
