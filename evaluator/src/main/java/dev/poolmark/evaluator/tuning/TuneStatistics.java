package dev.poolmark.evaluator.tuning;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** What is computed of trials. */
final class TuneStatistics {

  private static final int FEWEST_TRIALS = 8;

  /** The 97.5 % quantiles of Student's t for 1, 2, … degrees of freedom. */
  private static final double[] STUDENT = {
    12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179
  };

  private TuneStatistics() {}

  static double mean(double[] values) {
    return Arrays.stream(values).average().orElseThrow();
  }

  /** Where the mean of such values lies (Student, 1908); null for fewer than two. */
  static double @Nullable [] interval95(double[] values) {
    int n = values.length;
    if (n < 2) {
      return null;
    }
    double mean = mean(values);
    double squares = Arrays.stream(values).map(value -> (value - mean) * (value - mean)).sum();
    double t = STUDENT[Math.min(n - 2, STUDENT.length - 1)];
    double half = t * Math.sqrt(squares / (n - 1) / n);
    return new double[] {mean - half, mean + half};
  }

  /**
   * How much of the totals' variance goes with the values of each option alone: the sum of squares
   * between its values over that in all, among the trials that have it.
   */
  static List<TuneReport.Importance> importance(List<Trial> trials) {
    TreeSet<String> names = new TreeSet<>();
    trials.forEach(trial -> names.addAll(trial.options().keySet()));
    List<TuneReport.Importance> all = new ArrayList<>();
    for (String name : names) {
      List<Trial> having =
          trials.stream().filter(trial -> trial.options().containsKey(name)).toList();
      if (having.size() >= FEWEST_TRIALS) {
        all.add(new TuneReport.Importance(name, share(having, name), having.size()));
      }
    }
    all.sort(Comparator.comparingDouble(TuneReport.Importance::share).reversed());
    return all;
  }

  private static double share(List<Trial> trials, String option) {
    Map<String, List<Double>> byValue = new TreeMap<>();
    for (Trial trial : trials) {
      byValue
          .computeIfAbsent(
              Objects.requireNonNull(trial.options().get(option)), value -> new ArrayList<>())
          .add(Objects.requireNonNull(trial.total()));
    }
    double mean =
        trials.stream().mapToDouble(t -> Objects.requireNonNull(t.total())).average().orElseThrow();
    double all =
        trials.stream()
            .mapToDouble(t -> Math.pow(Objects.requireNonNull(t.total()) - mean, 2))
            .sum();
    double between =
        byValue.values().stream()
            .mapToDouble(
                group ->
                    group.size()
                        * Math.pow(
                            group.stream().mapToDouble(d -> d).average().orElseThrow() - mean, 2))
            .sum();
    return all > 0 ? between / all : 0;
  }
}
