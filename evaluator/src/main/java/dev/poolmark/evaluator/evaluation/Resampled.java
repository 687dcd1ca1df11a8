package dev.poolmark.evaluator.evaluation;

import dev.poolmark.evaluator.evaluation.EvaluationReport.Scores;
import dev.poolmark.evaluator.evaluation.EvaluationReport.Total;
import dev.poolmark.evaluator.metric.Replicates;
import dev.poolmark.evaluator.score.Contender;
import dev.poolmark.evaluator.score.ScoreFormula;
import java.util.Locale;

/**
 * A result with what its points might be over other pairs and passes. Results on the same pairs are
 * resampled alike, so they can be compared resample by resample.
 */
record Resampled(
    EvaluationReport report, Measurement measurement, Replicates quality, Replicates time) {

  /**
   * Resamples a result, which is most of the work of a comparison.
   *
   * @throws IllegalArgumentException when it was ended by a finding
   */
  static Resampled of(EvaluationResult result, ScoreFormula formula) {
    String spec = result.report().pooler().spec();
    Measurement measurement =
        result
            .measurement()
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        String.format(
                            Locale.ROOT,
                            "pooler '%s': %s",
                            spec,
                            String.join("; ", result.report().findings()))));
    return new Resampled(
        result.report(),
        measurement,
        Replicated.quality(formula.quality(), measurement.pairs()),
        Replicated.time(formula.time(), spec, measurement));
  }

  Scores scores() {
    return report.scores().orElseThrow();
  }

  Contender contender() {
    String spec = report.pooler().spec();
    Total total = scores().total();
    return new Contender(
        spec, measurement.measured(spec), total.score(), total.ci95(), quality.plus(time));
  }
}
