package dev.poolmark.evaluator.tuning;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.TreeSet;

/** What is computed of trials. */
final class TuneStatistics {

  private static final int FEWEST_TRIALS = 8;

  private TuneStatistics() {}

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
