package dev.poolmark.evaluator.tuning;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Says which candidate is tried next, and on which rung: many on the first one, the best third of
 * each pooler's on the next, for some learn faster than others and are not better in the end
 * (asynchronous successive halving: Li et al., A System for Massively Parallel Hyperparameter
 * Tuning, 2020), new ones mostly near the shortlist (Real et al., Regularized Evolution, 2019).
 */
final class Halving {

  private static final int HALVING = 3;

  /** A pooler that ended its process so often is left alone. */
  private static final int MOST_CRASHES = 2;

  /** A candidate that is to be trained. */
  record Job(int candidate, Configuration configuration, int rung) {}

  private final SearchSpace space;
  private final int trainRows;
  private final List<Rung> rungs;
  private final Random random;
  private final Deque<Configuration> starters;
  private final List<Trial> trials = new ArrayList<>();
  private final Map<Integer, Configuration> candidates = new TreeMap<>();
  private final Set<String> promoted = new HashSet<>();
  private final Map<String, Integer> crashes = new HashMap<>();
  private int taken;

  Halving(SearchSpace space, int trainRows, long seed) {
    this.space = space;
    this.trainRows = trainRows;
    this.rungs = Rung.ladder(trainRows);
    this.random = new Random(seed);
    this.starters = new ArrayDeque<>(space.starters());
  }

  /** Takes up a trial of an earlier tuning. */
  void resume(Trial trial) {
    Configuration configuration = new Configuration(trial.options());
    take(new Job(trial.candidate(), configuration, trial.rung()));
    add(trial);
  }

  /** The next one to try; it is not taken yet. */
  Job next() {
    return promotion().orElseGet(this::newcomer);
  }

  /** Whether there is a pooler that nobody has tried yet, as it comes. */
  boolean hasStarters() {
    return !starters.isEmpty();
  }

  /** Counts it as being tried. */
  void take(Job job) {
    if (job.rung() > 0) {
      promoted.add(place(job.candidate(), job.rung() - 1));
    }
    candidates.put(job.candidate(), job.configuration());
    starters.remove(job.configuration());
    taken++;
  }

  /** How many were taken, those of an earlier tuning among them. */
  int taken() {
    return taken;
  }

  void add(Trial trial) {
    if (trial.state() == Trial.State.FAILED) {
      crashes.merge(trial.pooler(), 1, Integer::sum);
    }
    trials.add(trial);
  }

  List<Trial> trials() {
    return trials;
  }

  Rung rung(int number) {
    return rungs.get(number);
  }

  int lastRung() {
    return rungs.size() - 1;
  }

  /** One that is among the best third of its pooler's on a rung, from the highest rung down. */
  private Optional<Job> promotion() {
    return IntStream.iterate(lastRung() - 1, rung -> rung >= 0, rung -> rung - 1)
        .boxed()
        .flatMap(rung -> promotable(done(rung)).stream())
        .filter(trial -> !promoted.contains(place(trial.candidate(), trial.rung())))
        .findFirst()
        .map(
            trial ->
                new Job(trial.candidate(), new Configuration(trial.options()), trial.rung() + 1));
  }

  /**
   * Of those of a rung, without the poolers that are far behind there. One alone is not known to be
   * good on the first rung; on a later one it is, and something should soon be trained to the end.
   */
  private static List<Trial> promotable(List<Trial> done) {
    Map<String, List<Trial>> byPooler =
        done.stream()
            .filter(trial -> done.size() > 1 || trial.rung() > 0)
            .filter(trial -> Shortlist.isInReach(trial, done.get(0)))
            .collect(Collectors.groupingBy(Trial::pooler, LinkedHashMap::new, Collectors.toList()));
    return byPooler.values().stream()
        .flatMap(each -> each.stream().limit(Math.max(1, each.size() / HALVING)))
        .toList();
  }

  private static String place(int candidate, int rung) {
    return candidate + "/" + rung;
  }

  private Job newcomer() {
    Configuration configuration = starters.isEmpty() ? drawn() : starters.element();
    return new Job(candidates.size() + 1, configuration, 0);
  }

  private Configuration drawn() {
    List<Trial> parents = shortlist();
    for (int attempt = 0; attempt < 100; attempt++) {
      Configuration drawn =
          parents.isEmpty() || random.nextInt(5) == 0
              ? space.random(random)
              : space.neighbour(
                  new Configuration(parents.get(random.nextInt(parents.size())).options()), random);
      if (!candidates.containsValue(drawn)
          && crashes.getOrDefault(drawn.pooler(), 0) < MOST_CRASHES) {
        return drawn;
      }
    }
    return space.random(random);
  }

  /** The best of the highest rung that any came to; empty before one has a total. */
  List<Trial> shortlist() {
    return IntStream.iterate(lastRung(), rung -> rung >= 0, rung -> rung - 1)
        .mapToObj(this::done)
        .filter(done -> !done.isEmpty())
        .findFirst()
        .map(Shortlist::of)
        .orElse(List.of());
  }

  /** The one with the most points on all rows, if there is any. */
  Optional<Trial> leader() {
    return done(lastRung()).stream().findFirst();
  }

  /** Those of a rung that have a total, the best first. */
  List<Trial> done(int rung) {
    return trials.stream()
        .filter(trial -> trial.rung() == rung && trial.total() != null)
        .sorted(Comparator.comparing(Trial::points).reversed())
        .toList();
  }

  /** What training such a pooler took so far, for as many rows; 0 where it is not known. */
  double expectedSeconds(Job job) {
    return trials.stream()
            .filter(
                trial ->
                    trial.trained() != null
                        && job.configuration()
                            .pooler()
                            .equals(trial.options().get(Configuration.POOLER)))
            .mapToDouble(
                trial -> trial.seconds() / work(new Configuration(trial.options()), trial.rung()))
            .average()
            .orElse(0)
        * work(job.configuration(), job.rung());
  }

  /** Rows that are seen in all. */
  private double work(Configuration configuration, int number) {
    Rung rung = rungs.get(Math.min(number, lastRung()));
    return rung.rows() * trainRows * configuration.settings(rung.epochs(), 1).epochs();
  }
}
