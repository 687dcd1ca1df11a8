package dev.poolmark.evaluator.score;

import dev.poolmark.evaluator.score.Ranking.Change;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;

/** When another pooler than the recommended one would be best. */
final class Changes {

  /** A half from a hundredth to a thousand times the reference's time, in logarithms. */
  private static final double LOWEST = Math.log(1e-2);

  private static final double HIGHEST = Math.log(1e3);
  private static final int STEPS = 500;
  private static final double EXACT = 1e-9;

  private final List<Contender> poolers;
  private final QualityFormula quality;
  private final TimeFormula time;

  private Changes(List<Contender> poolers, ScoreFormula formula) {
    this.poolers = poolers;
    this.quality = formula.quality().likeliest();
    this.time = formula.time().likeliest();
  }

  static List<Change> of(ScoreFormula formula, Regrets regrets, int recommended) {
    List<Change> changes =
        new ArrayList<>(new Changes(regrets.poolers(), formula).byHalf(recommended));
    for (Respect respect : Respect.values()) {
      changes.addAll(respect.changes(regrets, recommended));
    }
    return changes;
  }

  /**
   * Solved for the half of the formula's curve: where two poolers have the same total, the best one
   * changes.
   */
  private List<Change> byHalf(int recommended) {
    double unit =
        time.clock()
            .reading(
                1,
                Objects.requireNonNull(poolers.get(0).measured().times().get(setting()))
                    .referenceMicros());
    List<Double> borders = new ArrayList<>();
    for (int step = 0; step < STEPS; step++) {
      double width = (HIGHEST - LOWEST) / STEPS;
      double from = Math.log(unit) + LOWEST + step * width;
      addBorders(from, from + width, borders);
    }
    List<Change> changes = new ArrayList<>();
    for (int i = 0; i <= borders.size(); i++) {
      double low = i == 0 ? Math.log(unit) + LOWEST : borders.get(i - 1);
      double high = i == borders.size() ? Math.log(unit) + HIGHEST : borders.get(i);
      int best = best((low + high) / 2);
      if (best != recommended) {
        changes.add(
            new Change(
                poolers.get(best).spec(),
                condition(i > 0, Math.exp(low), i < borders.size(), Math.exp(high))));
      }
    }
    return changes;
  }

  private String condition(boolean fromBelow, double low, boolean toAbove, double high) {
    String from = Points.brief(low) + time.clock().unit();
    String to = Points.brief(high) + time.clock().unit();
    if (fromBelow && toAbove) {
      return from + " < half < " + to;
    } else if (fromBelow) {
      return "half > " + from;
    }
    return toAbove ? "half < " + to : "whatever half is, under the formula";
  }

  private Setting setting() {
    return time.setting().orElse(poolers.get(0).measured().counting());
  }

  private void addBorders(double low, double high, List<Double> borders) {
    if (best(low) != best(high)) {
      if (high - low < EXACT) {
        borders.add((low + high) / 2);
      } else {
        addBorders(low, (low + high) / 2, borders);
        addBorders((low + high) / 2, high, borders);
      }
    }
  }

  /** Which pooler has the best total at the logarithm of a half. */
  private int best(double logHalf) {
    Scenario scenario = new Scenario(quality, time.withHalf(Math.exp(logHalf)).at(setting()));
    int best = 0;
    for (int pooler = 1; pooler < poolers.size(); pooler++) {
      if (scenario.points(poolers.get(pooler).measured())
          > scenario.points(poolers.get(best).measured())) {
        best = pooler;
      }
    }
    return best;
  }

  /** In what scenarios differ. */
  private enum Respect {
    PROTOCOL("protocol", s -> s.setting().protocol()),
    BATCH_SIZE("batch size", s -> String.valueOf(s.setting().batchSize())),
    CURVE("curve", s -> s.time().curve().key()),
    CLOCK("time", s -> s.time().clock().key()),
    METRIC("metric", s -> s.quality().metric().key());

    private final String word;
    private final Function<Scenario, String> value;

    Respect(String word, Function<Scenario, String> value) {
      this.word = word;
      this.value = value;
    }

    /** For each value, who loses least in the scenarios that have it. */
    List<Change> changes(Regrets regrets, int recommended) {
      List<String> values = regrets.scenarios().stream().map(value).toList();
      List<Change> changes = new ArrayList<>();
      for (String each : values.stream().distinct().toList()) {
        int least = regrets.least(s -> values.get(s).equals(each));
        if (least != recommended) {
          changes.add(new Change(regrets.poolers().get(least).spec(), word + " = " + each));
        }
      }
      return changes;
    }
  }
}
