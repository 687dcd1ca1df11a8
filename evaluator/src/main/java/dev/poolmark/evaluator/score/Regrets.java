package dev.poolmark.evaluator.score;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;

/**
 * What each pooler loses in each scenario to the best pooler there, in points.
 *
 * @param poolers the best total first
 * @param values by scenario, then pooler; 0 for the best
 */
public record Regrets(List<Contender> poolers, List<Scenario> scenarios, double[][] values) {

  /** What one pooler loses, in the order of the scenarios. */
  public record Of(String spec, List<Double> regrets) {
    public Of {
      regrets = List.copyOf(regrets);
    }
  }

  /**
   * Computes them.
   *
   * @param contenders at least one, in any order
   * @param scenarios at least one
   */
  public static Regrets of(List<Contender> contenders, List<Scenario> scenarios) {
    List<Contender> ordered =
        contenders.stream()
            .sorted(Comparator.comparingDouble(Contender::total).reversed())
            .toList();
    double[][] values = new double[scenarios.size()][];
    for (int s = 0; s < values.length; s++) {
      Scenario scenario = scenarios.get(s);
      double[] points =
          ordered.stream().map(Contender::measured).mapToDouble(scenario::points).toArray();
      double most = Arrays.stream(points).max().orElseThrow();
      values[s] = Arrays.stream(points).map(each -> most - each).toArray();
    }
    return new Regrets(ordered, scenarios, values);
  }

  /** Those of each pooler. */
  public List<Of> each() {
    return IntStream.range(0, poolers.size())
        .mapToObj(
            i ->
                new Of(
                    poolers.get(i).spec(),
                    IntStream.range(0, values.length).mapToObj(s -> values[s][i]).toList()))
        .toList();
  }

  /** The best pooler of a scenario, the first of several. */
  int best(int scenario) {
    return IntStream.range(0, values[scenario].length)
        .filter(pooler -> values[scenario][pooler] == 0)
        .findFirst()
        .orElseThrow();
  }

  /** The share of scenarios in which a pooler is best. */
  double bestIn(int pooler) {
    return IntStream.range(0, values.length).filter(s -> best(s) == pooler).count()
        / (double) values.length;
  }

  double most(int pooler) {
    return Arrays.stream(values).mapToDouble(regrets -> regrets[pooler]).max().orElseThrow();
  }

  /** Over those of the scenarios, at least one. */
  double mean(int pooler, IntPredicate scenarios) {
    return IntStream.range(0, values.length)
        .filter(scenarios)
        .mapToDouble(s -> values[s][pooler])
        .average()
        .orElseThrow();
  }

  /** The pooler of the smallest mean regret, the first of several. */
  int least(IntPredicate scenarios) {
    int least = 0;
    for (int pooler = 1; pooler < values[0].length; pooler++) {
      if (mean(pooler, scenarios) < mean(least, scenarios)) {
        least = pooler;
      }
    }
    return least;
  }
}
