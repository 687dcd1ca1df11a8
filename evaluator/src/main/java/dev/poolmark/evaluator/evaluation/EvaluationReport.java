package dev.poolmark.evaluator.evaluation;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

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
    @Nullable Quality quality,
    @Nullable Time time,
    @Nullable Total total,
    boolean eligible,
    List<String> findings,
    Formula formula,
    Environment environment) {

  public EvaluationReport {
    findings = List.copyOf(findings);
  }

  /** Quality, time and total; absent where the pooler's run was ended by a finding. */
  public Optional<Scores> scores() {
    return quality == null || time == null || total == null
        ? Optional.empty()
        : Optional.of(new Scores(quality, time, total));
  }

  /** What a pooler has whose run came to its end. */
  public record Scores(Quality quality, Time time, Total total) {}

  /** What all of it rests on that the contest does not say, and what its interval holds. */
  public List<String> assumptions() {
    return Assumptions.of(this);
  }

  /** Output width, parameters and bytes are null where the pooler could not even be made. */
  @JsonNaming(SnakeCaseStrategy.class)
  public record PoolerInfo(
      String name,
      String spec,
      @Nullable String plugin,
      @Nullable String version,
      @Nullable Integer outputDim,
      @Nullable Long parameters,
      @Nullable Long parameterBytes,
      @Nullable Boolean withinSizeLimit) {}

  /** The sha256 is that of the three text files, unpacked, one after the other. */
  @JsonNaming(SnakeCaseStrategy.class)
  public record DatasetInfo(
      String name, long pairs, long sentences, long tokens, int dim, String sha256) {}

  /** Correlations of the pairs' closeness with their labels; null where one is not defined. */
  @JsonNaming(SnakeCaseStrategy.class)
  public record Quality(
      double score,
      String metric,
      double @Nullable [] ci95,
      @Nullable Double cosinePearson,
      @Nullable Double cosineSpearman,
      @Nullable Double dotPearson,
      @Nullable Double dotSpearman,
      @Nullable Double euclideanPearson,
      @Nullable Double euclideanSpearman,
      @Nullable Double manhattanPearson,
      @Nullable Double manhattanSpearman) {}

  /**
   * Time, of one core.
   *
   * @param inferenceSeconds of the median pass over all of its pairs
   * @param referenceRatio its time over the reference's, the median over the passes
   * @param referenceRatioCi95 holds what another run gives; null for one pass
   * @param engine {@code java} or {@code python}
   * @param protocol the one that counts: {@code fresh}, {@code cold} or {@code hot}
   * @param passes over the data, each beside one of the reference
   * @param protocols under every protocol and batch size; empty where these were not asked for
   */
  @JsonNaming(SnakeCaseStrategy.class)
  public record Time(
      double score,
      double inferenceSeconds,
      double usPerSentence,
      String reference,
      double referenceRatio,
      @JsonProperty("reference_ratio_ci95") double @Nullable [] referenceRatioCi95,
      String engine,
      String protocol,
      int passes,
      List<ProtocolTime> protocols,
      List<LengthBucket> byLength) {
    public Time {
      protocols = List.copyOf(protocols);
      byLength = List.copyOf(byLength);
    }
  }

  /**
   * Time under one protocol at one batch size.
   *
   * @param referenceRatioCi95 holds what another run gives; null for one pass
   * @param score points that this time would give
   */
  @JsonNaming(SnakeCaseStrategy.class)
  public record ProtocolTime(
      String protocol,
      int batchSize,
      double usPerSentence,
      double referenceRatio,
      @JsonProperty("reference_ratio_ci95") double @Nullable [] referenceRatioCi95,
      double score) {}

  /** Time of the sentences that have {@code minTokens} to {@code maxTokens} tokens, inclusive. */
  @JsonNaming(SnakeCaseStrategy.class)
  public record LengthBucket(int minTokens, int maxTokens, long sentences, double usPerSentence) {}

  /**
   * Quality and time together.
   *
   * @param ci95 over pairs and passes, and over protocols where these were timed; null where one of
   *     them is not defined
   */
  @JsonNaming(SnakeCaseStrategy.class)
  public record Total(double score, double @Nullable [] ci95) {}

  @JsonNaming(SnakeCaseStrategy.class)
  public record Formula(String quality, String time) {}

  /**
   * Where the time was taken.
   *
   * @param python its version where the pooler ran in one, else null
   * @param node the host's name or, of a server's run, its node's; null where the host has none
   * @param machine processor, cores and system
   */
  @JsonNaming(SnakeCaseStrategy.class)
  public record Environment(
      String torch,
      int threads,
      String cpu,
      String java,
      @Nullable String python,
      int batchSize,
      String order,
      @Nullable String node,
      String machine) {}
}
