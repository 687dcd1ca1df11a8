package dev.poolmark.evaluator.score;

import dev.poolmark.evaluator.metric.Replicates;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;

/**
 * What the grader's formula may be: one formula, or several with the weight that each deserves.
 *
 * @param origin where it comes from: an assumption, or a fit to so many grades
 */
public record Mixture<F extends Formula>(List<Member<F>> members, String origin) {

  /**
   * @param weight above 0; all weights sum to 1
   */
  public record Member<F extends Formula>(F formula, double weight) {
    public Member {
      Points.positive("weight", weight);
    }
  }

  public Mixture {
    members = List.copyOf(members);
    Points.origin(origin);
    double sum = members.stream().mapToDouble(Member::weight).sum();
    if (!(Math.abs(sum - 1) < 1e-6)) {
      throw new IllegalArgumentException("weights: expected a sum of 1, found " + sum);
    }
  }

  /** One formula, taken as certain. */
  public static <F extends Formula> Mixture<F> of(F formula, String origin) {
    return new Mixture<>(List.of(new Member<>(formula, 1)), origin);
  }

  /** The formula that weighs most. */
  public F likeliest() {
    return members.stream().max(Comparator.comparingDouble(Member::weight)).orElseThrow().formula();
  }

  /** The points to expect: the members' mean. */
  public double mean(ToDoubleFunction<F> points) {
    return members.stream()
        .mapToDouble(member -> member.weight() * points.applyAsDouble(member.formula()))
        .sum();
  }

  /**
   * Points as resamples of the data and of the formula give them: each takes the replicate of the
   * member that is drawn for it. The draws are the same for every pooler, whom one grader judges
   * alike, and others for quality than for time.
   *
   * @param points the replicates of the points under a member, as many for each
   */
  public Replicates spread(Function<F, Replicates> points) {
    if (members.size() == 1) {
      return points.apply(members.get(0).formula());
    }
    Map<Integer, double[]> byMember = new HashMap<>();
    int replicates = points.apply(members.get(0).formula()).values().length;
    int[] drawn = draws(replicates);
    double[] values = new double[replicates];
    for (int i = 0; i < replicates; i++) {
      double[] ofMember =
          byMember.computeIfAbsent(
              drawn[i], member -> points.apply(members.get(member).formula()).values());
      values[i] = ofMember[i];
    }
    return new Replicates(values);
  }

  /** The points that each of a thousand formulas gives, each as often as it weighs. */
  Replicates points(ToDoubleFunction<F> points) {
    return new Replicates(sample(1000).stream().mapToDouble(points).toArray());
  }

  /** So many formulas, each as often as it weighs. */
  List<F> sample(int count) {
    List<F> formulas = new ArrayList<>();
    for (int member : draws(count)) {
      formulas.add(members.get(member).formula());
    }
    return formulas;
  }

  /** Systematic sampling: as even as can be, then in a random order. */
  private int[] draws(int count) {
    int[] drawn = new int[count];
    double sum = members.get(0).weight();
    int member = 0;
    for (int i = 0; i < count; i++) {
      while ((i + 0.5) / count > sum && member < members.size() - 1) {
        sum += members.get(++member).weight();
      }
      drawn[i] = member;
    }
    shuffle(drawn);
    return drawn;
  }

  private void shuffle(int[] values) {
    boolean time = members.get(0).formula() instanceof TimeFormula;
    SplittableRandom random = new SplittableRandom(time ? 1 : 2);
    for (int i = values.length - 1; i > 0; i--) {
      int j = random.nextInt(i + 1);
      int value = values[i];
      values[i] = values[j];
      values[j] = value;
    }
  }

  /** In one line, with where it comes from. */
  public String describe() {
    String likeliest = likeliest().formula();
    return members.size() == 1
        ? likeliest + " (" + origin + ")"
        : String.format(
            Locale.ROOT,
            "mean of %d formulas, one of them %s (%s)",
            members.size(),
            likeliest,
            origin);
  }
}
