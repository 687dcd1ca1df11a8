package dev.poolmark.evaluator.evaluation;

import dev.poolmark.evaluator.evaluation.EvaluationReport.LengthBucket;
import dev.poolmark.evaluator.metric.Metric;
import dev.poolmark.evaluator.metric.PairScores;
import dev.poolmark.evaluator.score.Measured;
import dev.poolmark.evaluator.score.Measured.Timed;
import dev.poolmark.evaluator.score.Setting;
import dev.poolmark.evaluator.score.TimeFormula;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * What was measured of one pooler.
 *
 * @param engine what it ran in
 * @param outputDim width of the embeddings
 * @param pairs label and similarities of every pair
 * @param times of the passes that count
 * @param protocols times under each protocol and batch size; empty where only one was asked for
 * @param byLength time by length of sentence
 */
public record Measurement(
    Engine engine,
    int outputDim,
    PairScores pairs,
    PassTimes times,
    List<PassTimes> protocols,
    List<LengthBucket> byLength) {

  public Measurement {
    protocols = List.copyOf(protocols);
    byLength = List.copyOf(byLength);
  }

  /** The times that a formula is about: taken as it asks, or those that count. */
  PassTimes times(TimeFormula formula) {
    return formula
        .setting()
        .map(
            how ->
                Stream.concat(Stream.of(times), protocols.stream())
                    .filter(each -> each.setting().equals(how))
                    .findFirst()
                    .orElseThrow())
        .orElse(times);
  }

  /** As formulas ask for it. */
  Measured measured(String name) {
    Map<Metric, Double> correlations = new EnumMap<>(Metric.class);
    for (Metric metric : Metric.values()) {
      pairs.correlation(metric).ifPresent(value -> correlations.put(metric, value));
    }
    Map<Setting, Timed> timed = new HashMap<>();
    protocols.forEach(each -> timed.put(each.setting(), each.timed()));
    timed.put(times.setting(), times.timed());
    return new Measured(name, correlations, timed, times.setting());
  }
}
