package dev.poolmark.evaluator.training;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import dev.poolmark.evaluator.metric.Similarity;
import dev.poolmark.evaluator.metric.TripletScores;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Quality on the dev rows, by the evaluator's own metric. Pairs have correlations, triplets have an
 * accuracy and a margin; the others are null.
 *
 * @param cosineAccuracy share of the triplets whose positive is the closer one
 * @param cosineMargin by how much it is, on average
 */
@JsonNaming(SnakeCaseStrategy.class)
@JsonInclude(JsonInclude.Include.NON_NULL)
public record DevFigures(
    @Nullable Double cosineSpearman,
    @Nullable Double cosinePearson,
    @Nullable Double cosineAccuracy,
    @Nullable Double cosineMargin) {

  static DevFigures ofPairs(double cosineSpearman, double cosinePearson) {
    return new DevFigures(cosineSpearman, cosinePearson, null, null);
  }

  static DevFigures ofTriplets(TripletScores scores) {
    return new DevFigures(
        null, null, scores.accuracy(Similarity.COSINE), scores.meanCosineMargin());
  }

  /** What training wants to be as high as it can. */
  public double objective() {
    return Objects.requireNonNull(cosineSpearman == null ? cosineAccuracy : cosineSpearman);
  }

  /** For people: {@code Spearman 0.9000, Pearson 0.8900}. */
  public String text() {
    return cosineSpearman == null
        ? String.format(Locale.ROOT, "accuracy %.4f, margin %.4f", cosineAccuracy, cosineMargin)
        : String.format(Locale.ROOT, "Spearman %.4f, Pearson %.4f", cosineSpearman, cosinePearson);
  }

  /** Few triplets give few accuracies: of two that are equal, the larger margin is the better. */
  boolean isBetterThan(DevFigures other) {
    boolean equal = cosineAccuracy != null && cosineAccuracy.equals(other.cosineAccuracy);
    return equal && cosineMargin != null && other.cosineMargin != null
        ? cosineMargin > other.cosineMargin
        : objective() > other.objective();
  }
}
