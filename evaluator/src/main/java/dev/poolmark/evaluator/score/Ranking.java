package dev.poolmark.evaluator.score;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Which pooler is best, and what that hangs on.
 *
 * @param poolers the best total first
 * @param scenarios with who is best in each
 * @param recommended the one that loses least over the scenarios
 * @param rule why it is recommended, in one line
 * @param instead when another one would be
 */
@JsonNaming(SnakeCaseStrategy.class)
public record Ranking(
    List<Place> poolers,
    List<Decided> scenarios,
    String recommended,
    String rule,
    List<Change> instead) {

  private static final String RULE =
      "the smallest mean regret: what it loses on average, over the scenarios, to the best there";

  /**
   * A pooler's place under the formula. Those that can't be told apart, each from each, share one.
   *
   * @param place from 1; null, like all but the spec, where the pooler failed
   * @param bestIn share of the scenarios in which it is best
   * @param regretMax the most that it loses in a scenario to the best pooler there, in points
   */
  @JsonNaming(SnakeCaseStrategy.class)
  public record Place(
      String spec,
      @Nullable Integer place,
      List<String> tiedWith,
      @Nullable Total total,
      @Nullable Double bestIn,
      @Nullable Double regretMax,
      @Nullable Double regretMean) {

    public Place {
      tiedWith = List.copyOf(tiedWith);
    }

    static Place failed(String spec) {
      return new Place(spec, null, List.of(), null, null, null, null);
    }
  }

  @JsonNaming(SnakeCaseStrategy.class)
  public record Total(double score, double @Nullable [] ci95) {}

  /** A scenario and the best pooler there. */
  @JsonNaming(SnakeCaseStrategy.class)
  public record Decided(String protocol, int batchSize, String curve, String metric, String best) {}

  /**
   * @param condition as {@code half < 2.4}, of the formula's curve, or {@code protocol = cold}
   */
  public record Change(String spec, @JsonProperty("if") String condition) {

    /** For people. */
    public String sentence() {
      return spec + " instead, if " + condition;
    }
  }

  public Ranking {
    poolers = List.copyOf(poolers);
    scenarios = List.copyOf(scenarios);
    instead = List.copyOf(instead);
  }

  /**
   * Ranks poolers.
   *
   * @param contenders at least one
   * @param failed specs of those that could not be scored
   * @param scenarios at least one
   */
  public static Ranking of(
      List<Contender> contenders,
      List<String> failed,
      ScoreFormula formula,
      List<Scenario> scenarios) {
    return of(Regrets.of(contenders, scenarios), failed, formula);
  }

  /** The same of those whose regrets are known. */
  public static Ranking of(Regrets regrets, List<String> failed, ScoreFormula formula) {
    int recommended = regrets.least(s -> true);
    List<Place> places = new ArrayList<>(places(regrets));
    failed.forEach(spec -> places.add(Place.failed(spec)));
    return new Ranking(
        places,
        decided(regrets),
        regrets.poolers().get(recommended).spec(),
        RULE,
        Changes.of(formula, regrets, recommended));
  }

  private static List<Place> places(Regrets regrets) {
    List<Contender> ordered = regrets.poolers();
    List<Place> places = new ArrayList<>();
    for (int from = 0; from < ordered.size(); ) {
      int to = endOfTies(ordered, from);
      List<Contender> sharing = ordered.subList(from, to);
      for (int i = from; i < to; i++) {
        Contender pooler = ordered.get(i);
        places.add(
            new Place(
                pooler.spec(),
                from + 1,
                others(sharing, i - from),
                new Total(pooler.total(), pooler.ci95()),
                regrets.bestIn(i),
                regrets.most(i),
                regrets.mean(i, s -> true)));
      }
      from = to;
    }
    return places;
  }

  private static List<String> others(List<Contender> sharing, int own) {
    return IntStream.range(0, sharing.size())
        .filter(i -> i != own)
        .mapToObj(i -> sharing.get(i).spec())
        .toList();
  }

  /** As far as each is tied with all before it, from the given one on. */
  private static int endOfTies(List<Contender> ordered, int from) {
    int to = from + 1;
    while (to < ordered.size()
        && ordered.subList(from, to).stream().allMatch(ordered.get(to)::isTiedWith)) {
      to++;
    }
    return to;
  }

  private static List<Decided> decided(Regrets regrets) {
    return IntStream.range(0, regrets.scenarios().size())
        .mapToObj(
            s -> {
              Scenario scenario = regrets.scenarios().get(s);
              return new Decided(
                  scenario.setting().protocol(),
                  scenario.setting().batchSize(),
                  scenario.time().spec(),
                  scenario.quality().metric().key(),
                  regrets.poolers().get(regrets.best(s)).spec());
            })
        .toList();
  }
}
