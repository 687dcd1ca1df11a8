package dev.poolmark.evaluator.evaluation;

import dev.poolmark.evaluator.metric.PairScores;
import java.util.Optional;

/**
 * What the evaluation of one pooler gave.
 *
 * @param measurement what the report was computed from; absent where a finding ended the run
 */
public record EvaluationResult(EvaluationReport report, Optional<Measurement> measurement) {

  /** The label and similarities of each pair; absent where a finding ended the run. */
  public Optional<PairScores> pairScores() {
    return measurement.map(Measurement::pairs);
  }
}
