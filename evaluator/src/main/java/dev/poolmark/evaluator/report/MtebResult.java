package dev.poolmark.evaluator.report;

import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import dev.poolmark.evaluator.evaluation.EvaluationReport;
import dev.poolmark.evaluator.evaluation.EvaluationReport.Quality;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A result as MTEB's {@code TaskResult} reads and writes it for an STS task.
 *
 * @param datasetRevision the data's sha256
 * @param taskName the data set's name
 * @param mtebVersion null: MTEB did not run
 * @param scores the split {@code test}, empty where the pooler's run was ended by a finding
 * @param evaluationTime seconds in the pooler; null where the run was ended
 * @param kgCo2Emissions null: not measured
 * @param pooler its spec; MTEB names the model by the folder, and skips fields that it doesn't know
 */
@JsonNaming(SnakeCaseStrategy.class)
record MtebResult(
    String datasetRevision,
    String taskName,
    @Nullable String mtebVersion,
    Splits scores,
    @Nullable Double evaluationTime,
    @Nullable Double kgCo2Emissions,
    String pooler) {

  static MtebResult of(EvaluationReport report) {
    Quality quality = report.quality();
    return new MtebResult(
        report.dataset().sha256(),
        report.dataset().name(),
        null,
        new Splits(quality == null ? List.of() : List.of(Scores.of(quality))),
        report.time() == null ? null : report.time().inferenceSeconds(),
        null,
        report.pooler().spec());
  }

  record Splits(List<Scores> test) {}

  /**
   * MTEB's main score of STS is the cosine's Spearman, 0 where that is undefined: its reader takes
   * no null there. Its plain pair is the model's own.
   */
  @JsonNaming(SnakeCaseStrategy.class)
  record Scores(
      @Nullable Double pearson,
      @Nullable Double spearman,
      @Nullable Double cosinePearson,
      @Nullable Double cosineSpearman,
      @Nullable Double manhattanPearson,
      @Nullable Double manhattanSpearman,
      @Nullable Double euclideanPearson,
      @Nullable Double euclideanSpearman,
      double mainScore,
      String hfSubset,
      List<String> languages) {

    static Scores of(Quality quality) {
      return new Scores(
          quality.cosinePearson(),
          quality.cosineSpearman(),
          quality.cosinePearson(),
          quality.cosineSpearman(),
          quality.manhattanPearson(),
          quality.manhattanSpearman(),
          quality.euclideanPearson(),
          quality.euclideanSpearman(),
          quality.cosineSpearman() == null ? 0 : quality.cosineSpearman(),
          "default",
          List.of("eng-Latn"));
    }
  }
}
