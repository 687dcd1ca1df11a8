package dev.poolmark.evaluator.tuning;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import java.util.Objects;
import java.util.OptionalDouble;
import java.util.SortedMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What kind of tokens a data set has. Shares are from 0 to 1.
 *
 * @param lengths tokens of a sentence, by quantile
 * @param paddingShare by batch size: how much of a batch is padding, in the order of the files
 * @param labels how many pairs lie in each of the ranges [0, 1), [1, 2), [2, 3), [3, 4), [4, 5]
 * @param duplicateSentences sentences whose tokens an earlier one has, too
 * @param duplicatePairs pairs whose two sentences an earlier pair has, too
 * @param constantFirstToken whether all sentences begin with one token embedding, as a static CLS
 * @param constantLastToken whether all sentences end with one
 * @param zeroRows tokens of zeros alone, which look like padding
 * @param meanCosine of the means of random sentences; near 1 where all point to one side
 * @param top5VarianceShare of the tokens' variance, in the five dimensions that vary most ("rogue
 *     dimensions": Timkey and van Schijndel, 2021)
 * @param meanSpearman of the labels with the cosine of the sentences' means, these treated in
 *     several ways that need no labels; each null where it is not defined
 * @param core how fast one core of this machine is
 * @param advice what to do, in a sentence or two
 */
@JsonNaming(SnakeCaseStrategy.class)
public record InspectionReport(
    String name,
    String sha256,
    long pairs,
    long sentences,
    long tokens,
    int dim,
    Lengths lengths,
    SortedMap<Integer, Double> paddingShare,
    int[] labels,
    long duplicateSentences,
    long duplicatePairs,
    boolean constantFirstToken,
    boolean constantLastToken,
    long zeroRows,
    double meanCosine,
    @JsonProperty("top5_variance_share") double top5VarianceShare,
    MeanSpearman meanSpearman,
    Core core,
    Kind kind,
    String advice) {

  /** What the tokens are like. */
  public enum Kind {
    /** The mean of a sentence's tokens is a good embedding as it is. */
    @JsonProperty("tuned")
    TUNED,
    /** It is not, but can be made one. */
    @JsonProperty("raw")
    RAW
  }

  /** Tokens of a sentence: the shortest, quartiles and so on. */
  @JsonNaming(SnakeCaseStrategy.class)
  public record Lengths(int min, int p25, int median, int p75, int p95, int max, double mean) {}

  /**
   * Spearman's correlation, as the means are, and treated.
   *
   * @param standardised each dimension less its mean, over its standard deviation
   * @param withoutFirst by number of principal components that are taken away after centring, as
   *     "all but the top" does (Mu and Viswanath, 2018)
   * @param whitened centred, rotated to the principal axes, each of variance 1 (Su et al., 2021)
   */
  @JsonNaming(SnakeCaseStrategy.class)
  public record MeanSpearman(
      @Nullable Double raw,
      @Nullable Double standardised,
      SortedMap<Integer, @Nullable Double> withoutFirst,
      @Nullable Double whitened) {

    /** The best of the treated ones; empty where none is defined. */
    OptionalDouble bestTreated() {
      return Stream.concat(withoutFirst.values().stream(), Stream.of(standardised, whitened))
          .filter(Objects::nonNull)
          .mapToDouble(Double::doubleValue)
          .max();
    }
  }

  /**
   * What bounds every pooler on one core of this machine.
   *
   * @param readGbPerSecond how fast it reads memory that is in no cache, 10⁹ bytes a second
   * @param gflops of a product of large float32 matrices, 10⁹ operations a second
   */
  @JsonNaming(SnakeCaseStrategy.class)
  public record Core(double readGbPerSecond, double gflops) {}
}
