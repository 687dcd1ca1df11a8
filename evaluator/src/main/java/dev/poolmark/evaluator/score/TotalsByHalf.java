package dev.poolmark.evaluator.score;

import java.util.List;
import java.util.stream.IntStream;

/**
 * What poolers' totals are as the half of the time formula changes, all else as it is.
 *
 * @param halves rising, evenly in their logarithms
 * @param poolers in the order of the contenders
 */
public record TotalsByHalf(List<Double> halves, List<Line> poolers) {

  private static final double LOWEST = 0.3;
  private static final double HIGHEST = 100;
  private static final int STEPS = 48;

  /**
   * One pooler.
   *
   * @param totals one for each half
   */
  public record Line(String spec, List<Double> totals) {
    public Line {
      totals = List.copyOf(totals);
    }
  }

  public TotalsByHalf {
    halves = List.copyOf(halves);
    poolers = List.copyOf(poolers);
  }

  /** From steep curves to flat ones, in multiples of the reference's time. */
  public static TotalsByHalf of(List<Contender> contenders, ScoreFormula formula) {
    List<Double> halves =
        IntStream.rangeClosed(0, STEPS)
            .mapToObj(step -> LOWEST * Math.pow(HIGHEST / LOWEST, (double) step / STEPS))
            .toList();
    return new TotalsByHalf(
        halves,
        contenders.stream()
            .map(contender -> new Line(contender.spec(), totals(contender, formula, halves)))
            .toList());
  }

  private static List<Double> totals(
      Contender contender, ScoreFormula formula, List<Double> halves) {
    double quality = contender.measured().points(formula.quality().likeliest());
    TimeFormula time = formula.time().likeliest();
    return halves.stream()
        .map(half -> quality + contender.measured().points(time.withHalf(half)))
        .toList();
  }
}
