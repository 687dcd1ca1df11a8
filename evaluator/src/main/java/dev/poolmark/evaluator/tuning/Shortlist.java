package dev.poolmark.evaluator.tuning;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * The best trials of a rung that are not nearly the same: a search fills the places next to its
 * best with that one's neighbours, which say nothing new on rows that were kept aside.
 */
final class Shortlist {

  /** How many there are at the most, and how many of them are of one pooler. */
  private static final int MOST = 6;

  private static final int MOST_OF_A_POOLER = 3;

  /** Choices in which one differs from each better one. */
  private static final int DIFFERENCES = 3;

  /** Points that dev rows of some hundreds may be wrong by. */
  private static final double REACH = 1;

  private Shortlist() {}

  /**
   * Makes the list.
   *
   * @param trials of one rung, all with a total, the best first
   */
  static List<Trial> of(List<Trial> trials) {
    List<Trial> chosen = new ArrayList<>();
    Map<String, Integer> ofPooler = new HashMap<>();
    for (Trial trial : trials) {
      if (chosen.size() < MOST
          && isInReach(trial, trials.get(0))
          && ofPooler.getOrDefault(trial.pooler(), 0) < MOST_OF_A_POOLER
          && chosen.stream().allMatch(better -> differ(better, trial))) {
        chosen.add(trial);
        ofPooler.merge(trial.pooler(), 1, Integer::sum);
      }
    }
    return chosen;
  }

  /** Whether one could be the better one on other rows. */
  static boolean isInReach(Trial trial, Trial best) {
    return trial.points() > best.points() - REACH;
  }

  private static boolean differ(Trial one, Trial other) {
    return !one.pooler().equals(other.pooler())
        || one.options().entrySet().stream()
                .filter(
                    option ->
                        !Objects.equals(option.getValue(), other.options().get(option.getKey())))
                .count()
            >= DIFFERENCES;
  }
}
