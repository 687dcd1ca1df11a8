package dev.poolmark.evaluator.evaluation;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.annotation.JsonTypeInfo.As;
import com.fasterxml.jackson.annotation.JsonTypeInfo.Id;
import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import org.jspecify.annotations.Nullable;

/** What an evaluation tells while it goes on, at most ten times a second a pooler. */
@JsonTypeInfo(use = Id.NAME, include = As.PROPERTY, property = "type")
@JsonSubTypes({
  @JsonSubTypes.Type(value = Progress.Running.class, name = "progress"),
  @JsonSubTypes.Type(value = Progress.Done.class, name = "done")
})
public sealed interface Progress {

  /** The spec of the pooler it is about. */
  String pooler();

  /**
   * A pooler is being scored.
   *
   * @param pairs done so far
   * @param total pairs in all
   * @param cosinePearson over the pairs so far; null while not defined
   * @param cosineSpearman over the pairs so far; null while not defined
   * @param seconds since the pooler's run began
   * @param etaSeconds until its end, by the speed so far
   */
  @JsonNaming(SnakeCaseStrategy.class)
  record Running(
      String pooler,
      long pairs,
      long total,
      @Nullable Double cosinePearson,
      @Nullable Double cosineSpearman,
      double seconds,
      double etaSeconds)
      implements Progress {}

  /** A pooler's run has ended, well or by a finding. */
  @JsonNaming(SnakeCaseStrategy.class)
  record Done(String pooler, EvaluationReport report) implements Progress {}
}
