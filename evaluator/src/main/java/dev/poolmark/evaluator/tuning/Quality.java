package dev.poolmark.evaluator.tuning;

import dev.poolmark.evaluator.metric.Bootstrap;
import dev.poolmark.evaluator.metric.Interval;
import dev.poolmark.evaluator.metric.PairScores;
import dev.poolmark.evaluator.plugin.SpecifiedPooler;
import dev.poolmark.evaluator.score.QualityFormula;
import dev.poolmark.evaluator.score.ScoreFormula;
import dev.poolmark.evaluator.torch.CompiledPooler;
import dev.poolmark.evaluator.torch.TorchEngine;
import dev.poolmark.evaluator.training.DataRows;
import dev.poolmark.evaluator.training.DevEvaluation;
import dev.poolmark.evaluator.training.DevFigures;
import org.jspecify.annotations.Nullable;

/**
 * What a pooler reaches on some rows.
 *
 * @param ci95 in which the points lie over other rows like these; null where it is not defined
 */
record Quality(double points, double @Nullable [] ci95, DevFigures figures) {

  /** Embeds the rows, on the thread that calls. */
  static Quality of(SpecifiedPooler pooler, DataRows rows, ScoreFormula formula) {
    TorchEngine.start(1);
    TorchEngine.prepareThread();
    try (CompiledPooler compiled = CompiledPooler.of(pooler.pooler(), rows.store().dim(), 0)) {
      PairScores scores =
          new DevEvaluation(rows, compiled.outputDim().orElseThrow()).scores(compiled::forward);
      return new Quality(
          points(scores, formula), interval(scores, formula), DevEvaluation.figures(scores));
    }
  }

  private static double points(PairScores scores, ScoreFormula formula) {
    return formula
        .quality()
        .mean((QualityFormula each) -> each.points(scores.correlation(each.metric())));
  }

  private static double @Nullable [] interval(PairScores scores, ScoreFormula formula) {
    Bootstrap bootstrap = Bootstrap.ofPairs(scores.size());
    return formula
        .quality()
        .spread(each -> bootstrap.correlation(each.metric(), scores).map(each::points))
        .interval95()
        .map(Interval::toArray)
        .orElse(null);
  }
}
