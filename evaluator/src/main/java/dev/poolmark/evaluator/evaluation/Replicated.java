package dev.poolmark.evaluator.evaluation;

import dev.poolmark.evaluator.metric.Bootstrap;
import dev.poolmark.evaluator.metric.Metric;
import dev.poolmark.evaluator.metric.PairScores;
import dev.poolmark.evaluator.metric.Replicates;
import dev.poolmark.evaluator.score.Mixture;
import dev.poolmark.evaluator.score.QualityFormula;
import dev.poolmark.evaluator.score.TimeFormula;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** Points as other pairs and other passes would give them, as many replicates of each. */
final class Replicated {

  private Replicated() {}

  /** Over the pairs: two poolers on the same pairs are resampled alike. */
  static Replicates quality(Mixture<QualityFormula> formula, PairScores pairs) {
    Map<Metric, Replicates> correlations = new EnumMap<>(Metric.class);
    Bootstrap bootstrap = bootstrap(pairs);
    return formula.spread(
        member ->
            correlations
                .computeIfAbsent(member.metric(), metric -> bootstrap.correlation(metric, pairs))
                .map(member::points));
  }

  /**
   * Points for the time of another run; of one under any of the protocols, where these were timed.
   *
   * @param spec keeps the draws of two poolers independent
   */
  static Replicates anotherTime(Mixture<TimeFormula> formula, String spec, Measurement measured) {
    return formula.spread(member -> anotherTime(member, spec, measured));
  }

  private static Replicates anotherTime(TimeFormula formula, String spec, Measurement measured) {
    int draws = bootstrap(measured.pairs()).resamples();
    List<Replicates> conditions = new ArrayList<>();
    for (PassTimes times : conditions(formula, measured)) {
      conditions.add(times.points(formula, times.ratios().anotherRun(draws, seed(spec, times))));
    }
    double[] points = new double[draws];
    for (int i = 0; i < draws; i++) {
      points[i] = conditions.get(i % conditions.size()).values()[i];
    }
    return new Replicates(points);
  }

  /** What the points for the time might truly be, under the protocol that counts. */
  static Replicates time(Mixture<TimeFormula> formula, String spec, Measurement measured) {
    int draws = bootstrap(measured.pairs()).resamples();
    return formula.spread(
        member -> {
          PassTimes times = measured.times(member);
          return times.points(member, times.ratios().truth(draws, seed(spec, times)));
        });
  }

  private static List<PassTimes> conditions(TimeFormula formula, Measurement measured) {
    return formula.setting().isPresent() || measured.protocols().isEmpty()
        ? List.of(measured.times(formula))
        : measured.protocols();
  }

  private static Bootstrap bootstrap(PairScores pairs) {
    return Bootstrap.ofPairs(pairs.size());
  }

  private static long seed(String spec, PassTimes times) {
    return 31L * spec.hashCode() + times.condition().hashCode();
  }
}
