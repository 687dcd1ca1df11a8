package dev.poolmark.evaluator.report;

import dev.poolmark.evaluator.evaluation.EvaluationReport;
import dev.poolmark.evaluator.evaluation.EvaluationReport.DatasetInfo;
import dev.poolmark.evaluator.evaluation.EvaluationReport.Environment;
import dev.poolmark.evaluator.evaluation.EvaluationReport.Formula;
import dev.poolmark.evaluator.evaluation.EvaluationReport.LengthBucket;
import dev.poolmark.evaluator.evaluation.EvaluationReport.PoolerInfo;
import dev.poolmark.evaluator.evaluation.EvaluationReport.ProtocolTime;
import dev.poolmark.evaluator.evaluation.EvaluationReport.Quality;
import dev.poolmark.evaluator.evaluation.EvaluationReport.Time;
import dev.poolmark.evaluator.evaluation.EvaluationReport.Total;
import dev.poolmark.evaluator.score.ScoreFormula;
import java.util.List;

/** Reports to be rendered. */
public final class Reports {

  private static final DatasetInfo DATA =
      new DatasetInfo("sample", 1500, 3000, 41234, 768, "ab".repeat(32));
  private static final Environment MACHINE =
      new Environment(
          "2.3.0",
          1,
          "Some CPU @ 2.50GHz",
          "17.0.9",
          null,
          64,
          "as in the data",
          "somewhere",
          "Some CPU, 2 cores");
  private static final Formula FORMULA =
      new Formula(
          ScoreFormula.DEFAULT.quality().describe(), ScoreFormula.DEFAULT.time().describe());

  private Reports() {}

  /** A pooler that was scored; its eight correlations all differ, dot Pearson is undefined. */
  public static EvaluationReport scored(String spec, double total, String... findings) {
    return new EvaluationReport(
        new PoolerInfo(spec.split(":")[0], spec, "modes.jar", "0.1.0", 768, 0L, 123_456L, true),
        DATA,
        new Quality(
            total - 18.5,
            "cosine_spearman",
            new double[] {0.88, 0.91},
            0.81,
            0.82,
            null,
            0.84,
            0.85,
            0.86,
            0.87,
            0.88),
        new Time(
            18.5,
            0.75,
            250.5,
            "mean",
            0.73,
            new double[] {0.7, 0.76},
            "java",
            "fresh",
            5,
            List.of(
                new ProtocolTime("fresh", 1, 20.5, 0.14, new double[] {0.12, 0.16}, 19.6),
                new ProtocolTime("cold", 64, 30.5, 0.23, null, 19.4)),
            List.of(new LengthBucket(1, 8, 100, 99.5), new LengthBucket(9, 16, 200, 150.5))),
        new Total(total, new double[] {total - 1, total + 1.25}),
        findings.length == 0,
        List.of(findings),
        FORMULA,
        MACHINE);
  }

  /** A pooler whose run was ended. */
  public static EvaluationReport failed(String spec, String finding) {
    return new EvaluationReport(
        new PoolerInfo(spec, spec, "bad.jar", "1", null, null, null, null),
        DATA,
        null,
        null,
        null,
        false,
        List.of(finding),
        FORMULA,
        MACHINE);
  }
}
