package dev.poolmark.evaluator.score;

import dev.poolmark.evaluator.metric.Replicates;
import org.jspecify.annotations.Nullable;

/**
 * A pooler that is ranked.
 *
 * @param spec what was asked for
 * @param total its points under the formula
 * @param ci95 in which they lie; null where they have no spread
 * @param totals what they might be, over other pairs and passes: for all contenders the same
 *     resamples of the pairs, and the same formulas of an ensemble
 */
public record Contender(
    String spec, Measured measured, double total, double @Nullable [] ci95, Replicates totals) {

  /** Whether the resamples leave it open which of the two is better. */
  boolean isTiedWith(Contender other) {
    return totals
        .minus(other.totals)
        .interval95()
        .map(difference -> difference.contains(0))
        .orElse(true);
  }
}
