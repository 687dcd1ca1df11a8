package dev.poolmark.evaluator.worker;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.poolmark.evaluator.evaluation.EvaluationReport;
import dev.poolmark.evaluator.evaluation.EvaluationResult;
import dev.poolmark.evaluator.evaluation.PassTimes;
import dev.poolmark.evaluator.evaluation.Standings;
import dev.poolmark.evaluator.metric.PairScores;
import dev.poolmark.evaluator.report.PairScoresCsv;
import dev.poolmark.evaluator.report.ReportFormat;
import dev.poolmark.evaluator.score.ScoreFormula;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.zip.GZIPInputStream;

/** Scores that were kept, compared as if they had just been made. */
final class KeptScores {

  /** A report may carry what its keeper added. */
  private static final ObjectMapper LENIENT =
      Wire.JSON.copy().disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES);

  private KeptScores() {}

  static Standings standings(WorkerRequest.Compare request) throws IOException {
    List<EvaluationResult> results = new ArrayList<>();
    for (WorkerRequest.Kept kept : request.scores()) {
      results.add(
          EvaluationResult.kept(report(kept), pairs(kept.pairScores()), passes(kept.passes())));
    }
    return Standings.of(results, ScoreFormula.DEFAULT);
  }

  static String rendered(WorkerRequest.Render request) throws IOException {
    ReportFormat format = ReportFormat.valueOf(request.format().toUpperCase(Locale.ROOT));
    List<EvaluationReport> reports = new ArrayList<>();
    for (JsonNode report : request.reports()) {
      reports.add(report(report));
    }
    return format.render(reports);
  }

  /** Its pooler is called as the request calls it. */
  private static EvaluationReport report(WorkerRequest.Kept kept) throws IOException {
    ObjectNode report = kept.report().deepCopy();
    report.withObject("/pooler").put("spec", kept.name());
    return report(report);
  }

  /** Before there were protocols, time was what is hot now. */
  private static EvaluationReport report(JsonNode kept) throws IOException {
    ObjectNode report = kept.deepCopy();
    if (report.path("time") instanceof ObjectNode time && !time.has("protocol")) {
      time.put("engine", "java").put("protocol", "hot").put("passes", 1).putArray("protocols");
    }
    return LENIENT.treeToValue(report, EvaluationReport.class);
  }

  private static List<PassTimes> passes(JsonNode passes) throws IOException {
    return List.of(LENIENT.treeToValue(passes, PassTimes[].class));
  }

  private static PairScores pairs(Path gzipped) throws IOException {
    try (Reader csv =
        new InputStreamReader(
            new GZIPInputStream(Files.newInputStream(gzipped)), StandardCharsets.UTF_8)) {
      return PairScoresCsv.read(csv);
    }
  }
}
