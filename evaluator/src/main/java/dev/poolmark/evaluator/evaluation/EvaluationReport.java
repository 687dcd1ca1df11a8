package dev.poolmark.evaluator.evaluation;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import java.util.List;

/**
 * What one pooler is worth on one data set. Correlations are fractions, times are of one core.
 *
 * @param pooler what was scored
 * @param dataset what it was scored on
 * @param quality null where the pooler's run was ended by a finding
 * @param time null where the pooler's run was ended by a finding
 * @param total null where the pooler's run was ended by a finding
 * @param eligible whether the contest would take it: it ran to the end, within the size limit
 * @param findings what is wrong with it, a sentence each
 * @param formula how the scores come from the measurements, and that this is assumed
 * @param environment where and how the time was taken
 */
@JsonNaming(SnakeCaseStrategy.class)
public record EvaluationReport(
    PoolerInfo pooler,
    DatasetInfo dataset,
    Quality quality,
    Time time,
    Total total,
    boolean eligible,
    List<String> findings,
    Formula formula,
    Environment environment) {

  public EvaluationReport {
    findings = List.copyOf(findings);
  }

  /** Output width, parameters and bytes are null where the pooler could not even be made. */
  @JsonNaming(SnakeCaseStrategy.class)
  public record PoolerInfo(
      String name,
      String spec,
      String plugin,
      String version,
      Integer outputDim,
      Long parameters,
      Long parameterBytes,
      Boolean withinSizeLimit) {}

  /** The sha256 is that of the three text files, unpacked, one after the other. */
  @JsonNaming(SnakeCaseStrategy.class)
  public record DatasetInfo(
      String name, long pairs, long sentences, long tokens, int dim, String sha256) {}

  /** Correlations of the pairs' closeness with their labels; null where one is not defined. */
  @JsonNaming(SnakeCaseStrategy.class)
  public record Quality(
      double score,
      String metric,
      double[] ci95,
      Double cosinePearson,
      Double cosineSpearman,
      Double dotPearson,
      Double dotSpearman,
      Double euclideanPearson,
      Double euclideanSpearman,
      Double manhattanPearson,
      Double manhattanSpearman) {}

  @JsonNaming(SnakeCaseStrategy.class)
  public record Time(
      double score,
      double inferenceSeconds,
      double usPerSentence,
      String reference,
      double referenceRatio,
      @JsonProperty("reference_ratio_ci95") double[] referenceRatioCi95,
      List<LengthBucket> byLength) {
    public Time {
      byLength = List.copyOf(byLength);
    }
  }

  /** Time of the sentences that have {@code minTokens} to {@code maxTokens} tokens, inclusive. */
  @JsonNaming(SnakeCaseStrategy.class)
  public record LengthBucket(int minTokens, int maxTokens, long sentences, double usPerSentence) {}

  @JsonNaming(SnakeCaseStrategy.class)
  public record Total(double score, double[] ci95) {}

  @JsonNaming(SnakeCaseStrategy.class)
  public record Formula(String quality, String time) {}

  @JsonNaming(SnakeCaseStrategy.class)
  public record Environment(
      String torch, int threads, String cpu, String java, int batchSize, String order) {}
}
