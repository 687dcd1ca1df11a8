package dev.poolmark.evaluator.evaluation;

import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import dev.poolmark.evaluator.evaluation.Comparison.Difference;
import dev.poolmark.evaluator.score.Contender;
import dev.poolmark.evaluator.score.Ranking;
import dev.poolmark.evaluator.score.Regrets;
import dev.poolmark.evaluator.score.Scenario;
import dev.poolmark.evaluator.score.ScoreFormula;
import dev.poolmark.evaluator.score.Setting;
import dev.poolmark.evaluator.score.TotalsByHalf;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * How results on the same pairs stand to each other.
 *
 * @param ranking under the settings that all were timed with; null where there is no such setting
 * @param byHalf totals as the time formula's half changes
 * @param regrets what each loses in each scenario of the ranking; null where that is
 * @param differences of each result after the first, to the first
 * @param warnings why they may not be comparable after all, a sentence each
 */
@JsonNaming(SnakeCaseStrategy.class)
public record Standings(
    @Nullable Ranking ranking,
    TotalsByHalf byHalf,
    @Nullable List<Regrets.Of> regrets,
    List<FromFirst> differences,
    List<String> warnings) {

  /** The points that a pooler has more than the first. */
  @JsonNaming(SnakeCaseStrategy.class)
  public record FromFirst(String spec, Difference quality, Difference time, Difference total) {}

  public Standings {
    regrets = regrets == null ? null : List.copyOf(regrets);
    differences = List.copyOf(differences);
    warnings = List.copyOf(warnings);
  }

  /**
   * Ranks and compares results.
   *
   * @param results at least one, none of them ended by a finding, each of another spec
   * @throws IllegalArgumentException where they are not of as many pairs
   */
  public static Standings of(List<EvaluationResult> results, ScoreFormula formula) {
    List<Resampled> resampled =
        results.stream().map(result -> Resampled.of(result, formula)).toList();
    List<Contender> contenders = resampled.stream().map(Resampled::contender).toList();
    List<Scenario> scenarios = Scenario.usual(common(contenders));
    Regrets regrets = scenarios.isEmpty() ? null : Regrets.of(contenders, scenarios);
    return new Standings(
        regrets == null ? null : Ranking.of(regrets, List.of(), formula),
        TotalsByHalf.of(contenders, formula),
        regrets == null ? null : regrets.each(),
        resampled.stream()
            .skip(1)
            .map(result -> difference(Comparison.of(resampled.get(0), result)))
            .toList(),
        otherMachines(results).stream().toList());
  }

  /**
   * A time is a machine's, and so is, to a lesser degree, its ratio to that of the reference. A
   * report of an older Poolmark tells the processor alone.
   */
  private static Optional<String> otherMachines(List<EvaluationResult> results) {
    List<String> machines =
        results.stream()
            .map(result -> result.report().environment())
            .map(where -> where.machine() == null ? where.cpu() : where.machine())
            .distinct()
            .toList();
    return machines.size() == 1
        ? Optional.empty()
        : Optional.of(
            String.format(
                Locale.ROOT,
                "their times were taken on %d machines: %s",
                machines.size(),
                String.join("; ", machines)));
  }

  private static List<Setting> common(List<Contender> contenders) {
    Set<Setting> common = new TreeSet<>();
    common.addAll(contenders.get(0).measured().times().keySet());
    contenders.forEach(contender -> common.retainAll(contender.measured().times().keySet()));
    return new ArrayList<>(common);
  }

  private static FromFirst difference(Comparison comparison) {
    return new FromFirst(
        comparison.second().pooler().spec(),
        comparison.quality(),
        comparison.time(),
        comparison.total());
  }
}
