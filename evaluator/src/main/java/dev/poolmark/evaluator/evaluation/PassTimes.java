package dev.poolmark.evaluator.evaluation;

import dev.poolmark.evaluator.metric.PassRatios;

/**
 * What passes over the same pairs took, in the order they were made.
 *
 * @param poolerNanos of each pass of the pooler
 * @param referenceNanos of the reference's pass beside it
 */
public record PassTimes(Condition condition, double[] poolerNanos, double[] referenceNanos) {

  /** The pooler's time over the reference's. */
  public PassRatios ratios() {
    return PassRatios.of(poolerNanos, referenceNanos);
  }

  /** Of the median pass. */
  public double usPerSentence() {
    return PassRatios.median(poolerNanos) / 1e3 / (2.0 * condition.pairs());
  }
}
