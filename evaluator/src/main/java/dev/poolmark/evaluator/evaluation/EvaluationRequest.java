package dev.poolmark.evaluator.evaluation;

import dev.poolmark.evaluator.dataset.TokenStore;
import dev.poolmark.evaluator.plugin.PoolerSpec;
import dev.poolmark.evaluator.score.Scenario;
import dev.poolmark.evaluator.score.ScoreFormula;
import dev.poolmark.evaluator.score.Setting;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Stream;

/**
 * What to evaluate.
 *
 * @param data the labelled pairs, open until the evaluation is done
 * @param poolers at least one
 * @param batchSize pairs a batch, each side a forward pass of its own
 * @param formula from correlation and time to points
 * @param timeout how long one pooler's run may take; none where absent
 * @param core the core that the scoring thread is pinned to; none where absent
 * @param timing how time is taken
 */
public record EvaluationRequest(
    TokenStore data,
    List<PoolerSpec> poolers,
    int batchSize,
    ScoreFormula formula,
    Optional<Duration> timeout,
    OptionalInt core,
    Timing timing) {

  private static final Duration LONGEST_TIMEOUT = Duration.ofDays(365);

  public EvaluationRequest {
    Objects.requireNonNull(data, "data");
    Objects.requireNonNull(formula, "formula");
    Objects.requireNonNull(timing, "timing");
    poolers = List.copyOf(poolers);
    if (poolers.isEmpty()) {
      throw new IllegalArgumentException("an evaluation needs at least one pooler, found none");
    }
    if (batchSize < 1) {
      throw new IllegalArgumentException("a batch has at least 1 pair, found " + batchSize);
    }
    timing = timing.asFormulaAsks(formula, batchSize);
    timeout.ifPresent(
        limit -> {
          if (limit.isZero() || limit.isNegative() || limit.compareTo(LONGEST_TIMEOUT) > 0) {
            throw new IllegalArgumentException(
                String.format(
                    Locale.ROOT,
                    "a timeout is above 0 s and at most %d s, found %s s",
                    LONGEST_TIMEOUT.toSeconds(),
                    limit.toMillis() / 1000.0));
          }
        });
    core.ifPresent(
        number -> {
          int cores = Runtime.getRuntime().availableProcessors();
          if (number < 0 || number >= cores) {
            throw new IllegalArgumentException(
                String.format(
                    Locale.ROOT, "a core to pin to is from 0 to %d, found %d", cores - 1, number));
          }
        });
  }

  /** All ways in which time is taken, in their order. */
  public List<Setting> settings() {
    Stream<Condition> others = timing.allProtocols() ? Condition.all(data).stream() : Stream.of();
    return Stream.concat(Stream.of(Condition.counting(this)), others)
        .map(Condition::setting)
        .distinct()
        .sorted()
        .toList();
  }

  /** What a ranking looks at: the usual scenarios, or those that an ensemble leaves possible. */
  public List<Scenario> scenarios() {
    return formula.isEnsemble()
        ? Scenario.of(formula, Condition.counting(this).setting())
        : Scenario.usual(settings());
  }

  /** The same, with all protocols timed. */
  public EvaluationRequest withAllProtocols() {
    return new EvaluationRequest(
        data, poolers, batchSize, formula, timeout, core, timing.withAllProtocols());
  }
}
