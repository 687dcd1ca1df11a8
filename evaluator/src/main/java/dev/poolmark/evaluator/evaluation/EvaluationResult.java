package dev.poolmark.evaluator.evaluation;

import dev.poolmark.evaluator.evaluation.EvaluationReport.Time;
import dev.poolmark.evaluator.metric.PairScores;
import dev.poolmark.evaluator.score.Contender;
import dev.poolmark.evaluator.score.Measured;
import dev.poolmark.evaluator.score.ScoreFormula;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What the evaluation of one pooler gave.
 *
 * @param measurement what the report was computed from; absent where a finding ended the run
 */
public record EvaluationResult(EvaluationReport report, Optional<Measurement> measurement) {

  /**
   * A result of which was kept what it takes to compare it with others.
   *
   * @param report of a run that came to its end
   * @param passes those of the report's protocol first, then under each other one
   */
  public static EvaluationResult kept(
      EvaluationReport report, PairScores pairs, List<PassTimes> passes) {
    Integer outputDim = report.pooler().outputDim();
    Time time = report.scores().orElseThrow().time();
    return new EvaluationResult(
        report,
        Optional.of(
            new Measurement(
                Engine.valueOf(time.engine().toUpperCase(Locale.ROOT)),
                Objects.requireNonNull(outputDim, "output_dim"),
                pairs,
                passes.get(0),
                passes.subList(1, passes.size()),
                time.byLength())));
  }

  /** What its passes took, as {@link #kept} takes it; empty where a finding ended the run. */
  public List<PassTimes> passes() {
    return measurement
        .map(each -> Stream.concat(Stream.of(each.times()), each.protocols().stream()).toList())
        .orElse(List.of());
  }

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
    return measurement.map(each -> Resampled.of(this, formula).contender());
  }
}
