package dev.poolmark.evaluator.evaluation;

import dev.poolmark.evaluator.metric.Bootstrap;
import dev.poolmark.evaluator.metric.PairScores;
import dev.poolmark.evaluator.metric.PassRatios;
import dev.poolmark.evaluator.metric.Replicates;
import dev.poolmark.evaluator.score.QualityFormula;
import dev.poolmark.evaluator.score.TimeFormula;
import java.util.ArrayList;
import java.util.List;

/** Points as other pairs and other passes would give them, as many replicates of each. */
final class Replicated {

  private Replicated() {}

  /** Over the pairs: two poolers on the same pairs are resampled alike. */
  static Replicates quality(QualityFormula formula, PairScores pairs) {
    return bootstrap(pairs).correlation(formula.metric(), pairs).map(formula::points);
  }

  /**
   * Points for the time of another run; of one under any of the protocols, where these were timed.
   *
   * @param spec keeps the draws of two poolers independent
   */
  static Replicates anotherTime(TimeFormula formula, String spec, Measurement measured) {
    int draws = bootstrap(measured.pairs()).resamples();
    List<Replicates> conditions = new ArrayList<>();
    for (PassTimes times : conditions(measured)) {
      PassRatios ratios = times.ratios();
      conditions.add(ratios.anotherRun(draws, seed(spec, times)).map(formula::points));
    }
    double[] points = new double[draws];
    for (int i = 0; i < draws; i++) {
      points[i] = conditions.get(i % conditions.size()).values()[i];
    }
    return new Replicates(points);
  }

  /** What the points for the time might truly be, under the protocol that counts. */
  static Replicates time(TimeFormula formula, String spec, Measurement measured) {
    int draws = bootstrap(measured.pairs()).resamples();
    PassTimes times = measured.times();
    return times.ratios().truth(draws, seed(spec, times)).map(formula::points);
  }

  private static List<PassTimes> conditions(Measurement measured) {
    return measured.protocols().isEmpty() ? List.of(measured.times()) : measured.protocols();
  }

  private static Bootstrap bootstrap(PairScores pairs) {
    return Bootstrap.ofPairs(pairs.size());
  }

  private static long seed(String spec, PassTimes times) {
    return 31L * spec.hashCode() + times.condition().hashCode();
  }
}
