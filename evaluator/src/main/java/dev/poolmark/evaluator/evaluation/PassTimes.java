package dev.poolmark.evaluator.evaluation;

import dev.poolmark.evaluator.metric.PassRatios;
import dev.poolmark.evaluator.metric.Replicates;
import dev.poolmark.evaluator.score.Measured.Timed;
import dev.poolmark.evaluator.score.Setting;
import dev.poolmark.evaluator.score.TimeFormula;
import java.util.Arrays;

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
    return micros(poolerNanos);
  }

  /** The reference's, of its median pass. */
  public double referenceUsPerSentence() {
    return micros(referenceNanos);
  }

  private double micros(double[] nanos) {
    return PassRatios.median(nanos) / 1e3 / (2.0 * condition.pairs());
  }

  /** The protocol and batch size, as formulas name them. */
  public Setting setting() {
    return condition.setting();
  }

  /** The figure, as formulas ask for it. */
  Timed timed() {
    return new Timed(ratios().median(), referenceUsPerSentence());
  }

  /** By the fastest pass of each: what else the machine does can only add to a time. */
  Timed fastest() {
    double reference = Arrays.stream(referenceNanos).min().orElseThrow();
    double pooler = Arrays.stream(poolerNanos).min().orElseThrow();
    return new Timed(pooler / reference, reference / 1e3 / (2.0 * condition.pairs()));
  }

  /** Points for the figure. */
  double points(TimeFormula formula) {
    return formula.points(ratios().median(), referenceUsPerSentence());
  }

  /** Points for each of such figures. */
  Replicates points(TimeFormula formula, Replicates ratios) {
    double reference = referenceUsPerSentence();
    return ratios.map(ratio -> formula.points(ratio, reference));
  }
}
