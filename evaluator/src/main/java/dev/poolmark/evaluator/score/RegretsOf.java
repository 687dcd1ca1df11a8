package dev.poolmark.evaluator.score;

import java.util.List;
import java.util.stream.IntStream;

/**
 * What a pooler loses in each scenario to the best pooler there.
 *
 * @param regrets in points, in the order of the scenarios; 0 where it is the best
 */
public record RegretsOf(String spec, List<Double> regrets) {

  public RegretsOf {
    regrets = List.copyOf(regrets);
  }

  /**
   * In the order of the contenders.
   *
   * @param scenarios at least one
   */
  public static List<RegretsOf> all(List<Contender> contenders, List<Scenario> scenarios) {
    double[][] values =
        Regrets.of(contenders.stream().map(Contender::measured).toList(), scenarios).values();
    return IntStream.range(0, contenders.size())
        .mapToObj(
            i ->
                new RegretsOf(
                    contenders.get(i).spec(),
                    IntStream.range(0, values.length).mapToObj(s -> values[s][i]).toList()))
        .toList();
  }
}
