package dev.poolmark.evaluator.evaluation;

import dev.poolmark.evaluator.evaluation.EvaluationReport.Scores;
import dev.poolmark.evaluator.evaluation.EvaluationReport.Total;
import dev.poolmark.evaluator.metric.PairScores;
import dev.poolmark.evaluator.score.Contender;
import dev.poolmark.evaluator.score.Measured;
import dev.poolmark.evaluator.score.ScoreFormula;
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

  /** What formulas ask for; absent where a finding ended the run. */
  public Optional<Measured> measured() {
    return measurement.map(each -> each.measured(report.pooler().spec()));
  }

  /**
   * As one of several that are ranked under a formula; absent where a finding ended the run.
   *
   * @param formula the one of the report
   */
  public Optional<Contender> contender(ScoreFormula formula) {
    String spec = report.pooler().spec();
    Optional<Total> total = report.scores().map(Scores::total);
    return measurement.map(
        each ->
            new Contender(
                spec,
                each.measured(spec),
                total.orElseThrow().score(),
                total.orElseThrow().ci95(),
                Replicated.quality(formula.quality(), each.pairs())
                    .plus(Replicated.time(formula.time(), spec, each))));
  }
}
