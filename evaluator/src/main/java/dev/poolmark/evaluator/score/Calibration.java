package dev.poolmark.evaluator.score;

import dev.poolmark.evaluator.metric.Interval;
import dev.poolmark.evaluator.metric.Replicates;
import dev.poolmark.evaluator.score.Candidates.Candidate;
import dev.poolmark.evaluator.score.Mixture.Member;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * What scores that a real grader gave tell of its formulas: not one formula, but all that the
 * grades leave possible, each with its weight.
 *
 * @param formula the default one on a side without grades
 * @param quality what explains the grades for quality; empty where there are none
 * @param time what explains the grades for time; empty where there are none
 */
public record Calibration(
    ScoreFormula formula, Optional<Explanation> quality, Optional<Explanation> time) {

  /** As many formulas stand for the possible ones: ten lie beyond each end of an interval. */
  private static final int MEMBERS = 400;

  /** A choice is settled when what was chosen weighs this much. */
  private static final double SETTLED = 0.95;

  /**
   * How the grades are explained.
   *
   * @param choices what the formula is made of: metric, or curve and way of timing
   * @param residuals one for each grade
   */
  public record Explanation(List<Choice> choices, List<Residual> residuals) {
    public Explanation {
      choices = List.copyOf(choices);
      residuals = List.copyOf(residuals);
    }
  }

  /**
   * What a formula may be made of, in one respect.
   *
   * @param of what is chosen, as {@code metric}
   * @param alternatives the likeliest first
   */
  public record Choice(String of, List<Alternative> alternatives) {
    public Choice {
      alternatives = List.copyOf(alternatives);
    }

    /** Whether the grades tell which it is. */
    public boolean settled() {
      return alternatives.get(0).weight() >= SETTLED;
    }
  }

  /**
   * @param weight how likely it is given the grades, from 0 to 1
   * @param error root mean square of its errors on the grades, at its best, in points
   */
  public record Alternative(String name, double weight, double error) {}

  /**
   * What the ensemble makes of a graded submission.
   *
   * @param grade the grader's points
   * @param expected the ensemble's
   * @param ci95 in which the formula's points lie, to the ensemble's best knowledge
   */
  public record Residual(String name, double grade, double expected, double[] ci95) {}

  /**
   * Weighs all candidates.
   *
   * @throws BadScoreInputException where there is no grade, or no metric or way of timing that all
   *     graded submissions have in common
   */
  public static Calibration fit(List<Observation> observations) {
    List<Observation> quality = observations.stream().filter(o -> o.quality() != null).toList();
    List<Observation> time = observations.stream().filter(o -> o.time() != null).toList();
    if (quality.isEmpty() && time.isEmpty()) {
      throw new BadScoreInputException("expected grades, found none");
    }
    Optional<Side<QualityFormula>> qualitySide =
        quality.isEmpty()
            ? Optional.empty()
            : Optional.of(new Side<>(Candidates.ofQuality(quality), quality.size()));
    Optional<Side<TimeFormula>> timeSide =
        time.isEmpty()
            ? Optional.empty()
            : Optional.of(new Side<>(Candidates.ofTime(time), time.size()));
    ScoreFormula formula =
        new ScoreFormula(
            qualitySide.map(Side::mixture).orElse(ScoreFormula.DEFAULT.quality()),
            timeSide.map(Side::mixture).orElse(ScoreFormula.DEFAULT.time()));
    return new Calibration(
        formula,
        qualitySide.map(
            side ->
                new Explanation(
                    List.of(side.choice("metric", Candidate::family)),
                    residuals(
                        quality,
                        Observation::quality,
                        o -> formula.quality().points(o.measured()::points)))),
        timeSide.map(
            side ->
                new Explanation(
                    List.of(
                        side.choice("curve", Candidate::family),
                        side.choice("timing", c -> c.formula().setting().orElseThrow().describe())),
                    residuals(
                        time,
                        Observation::time,
                        o -> formula.time().points(o.measured()::points)))));
  }

  /** A side's candidates with their weights. */
  private record Side<F extends Formula>(
      List<Candidate<F>> candidates, double[] weights, int grades) {

    Side(List<Candidate<F>> candidates, int grades) {
      this(candidates, weights(candidates), grades);
    }

    private static <F extends Formula> double[] weights(List<Candidate<F>> candidates) {
      double most = candidates.stream().mapToDouble(Candidate::logMass).max().orElseThrow();
      double[] weights =
          candidates.stream().mapToDouble(c -> Math.exp(c.logMass() - most)).toArray();
      double sum = Arrays.stream(weights).sum();
      return Arrays.stream(weights).map(weight -> weight / sum).toArray();
    }

    /** By systematic sampling along the candidates, so that the sample is as even as can be. */
    Mixture<F> mixture() {
      Map<F, Integer> times = new LinkedHashMap<>();
      double sum = weights[0];
      int at = 0;
      for (int i = 0; i < MEMBERS; i++) {
        while ((i + 0.5) / MEMBERS > sum && at < weights.length - 1) {
          sum += weights[++at];
        }
        times.merge(candidates.get(at).formula(), 1, Integer::sum);
      }
      List<Member<F>> members = new ArrayList<>();
      times.forEach((formula, n) -> members.add(new Member<>(formula, n / (double) MEMBERS)));
      return new Mixture<>(
          members,
          grades == 1
              ? "what 1 grade leaves possible"
              : "what " + grades + " grades leave possible");
    }

    Choice choice(String of, Function<Candidate<F>, String> name) {
      Map<String, double[]> sums = new LinkedHashMap<>();
      for (int i = 0; i < weights.length; i++) {
        double[] sum =
            sums.computeIfAbsent(
                name.apply(candidates.get(i)), n -> new double[] {0, Double.POSITIVE_INFINITY});
        sum[0] += weights[i];
        sum[1] = Math.min(sum[1], candidates.get(i).squares());
      }
      return new Choice(
          of,
          sums.entrySet().stream()
              .map(
                  e ->
                      new Alternative(
                          e.getKey(), e.getValue()[0], Math.sqrt(e.getValue()[1] / grades)))
              .sorted(Comparator.comparingDouble(Alternative::weight).reversed())
              .toList());
    }
  }

  private static List<Residual> residuals(
      List<Observation> graded,
      Function<Observation, Double> grade,
      Function<Observation, Replicates> points) {
    List<Residual> residuals = new ArrayList<>();
    for (Observation observation : graded) {
      Replicates spread = points.apply(observation);
      residuals.add(
          new Residual(
              observation.measured().name(),
              grade.apply(observation),
              Arrays.stream(spread.values()).average().orElseThrow(),
              spread.interval95().map(Interval::toArray).orElseThrow()));
    }
    return residuals;
  }

  /** What to tell the user: what each side may be, how it explains the grades, what is open. */
  public List<String> describe() {
    List<String> lines = new ArrayList<>();
    lines.add("quality = " + formula.quality().describe());
    lines.addAll(details(quality));
    lines.add("time = " + formula.time().describe());
    lines.addAll(details(time));
    return lines;
  }

  private static List<String> details(Optional<Explanation> explanation) {
    if (explanation.isEmpty()) {
      return List.of("  not fitted: no grades");
    }
    List<String> lines = new ArrayList<>();
    for (Choice choice : explanation.get().choices()) {
      for (Alternative alternative : choice.alternatives()) {
        lines.add(
            String.format(
                Locale.ROOT,
                "  %s %-28s %5.1f %%, off by %.2f points (rms) at best",
                choice.of(),
                alternative.name(),
                100 * alternative.weight(),
                alternative.error()));
      }
      if (!choice.settled()) {
        lines.add(
            String.format(
                Locale.ROOT,
                "  ! %d grades are too few to tell the %s: %s",
                explanation.get().residuals().size(),
                choice.of(),
                choice.alternatives().stream()
                    .filter(alternative -> alternative.weight() >= 1 - SETTLED)
                    .map(Alternative::name)
                    .collect(Collectors.joining(" or "))));
      }
    }
    for (Residual residual : explanation.get().residuals()) {
      lines.add(
          String.format(
              Locale.ROOT,
              "  graded %.2f, expected %.2f (%.2f to %.2f) %s",
              residual.grade(),
              residual.expected(),
              residual.ci95()[0],
              residual.ci95()[1],
              residual.name()));
    }
    return lines;
  }
}
