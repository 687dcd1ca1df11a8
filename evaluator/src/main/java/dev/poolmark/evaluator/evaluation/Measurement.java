package dev.poolmark.evaluator.evaluation;

import dev.poolmark.evaluator.evaluation.EvaluationReport.LengthBucket;
import dev.poolmark.evaluator.metric.PairScores;
import dev.poolmark.evaluator.score.TimeFormula;
import java.util.List;
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
}
