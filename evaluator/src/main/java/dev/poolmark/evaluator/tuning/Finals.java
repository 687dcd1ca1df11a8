package dev.poolmark.evaluator.tuning;

import dev.poolmark.evaluator.metric.Interval;
import dev.poolmark.evaluator.metric.MeanInterval;
import dev.poolmark.evaluator.tuning.Crew.TaskFault;
import dev.poolmark.evaluator.tuning.TrialTask.Looked;
import dev.poolmark.evaluator.tuning.TrialTask.Prepared;
import dev.poolmark.evaluator.tuning.TrialTask.Reference;
import dev.poolmark.evaluator.tuning.TrialTask.Referred;
import dev.poolmark.evaluator.tuning.TrialTask.Trained;
import dev.poolmark.evaluator.tuning.TuneReport.Finalist;
import dev.poolmark.evaluator.tuning.TuneReport.FoldGain;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The best of the search once more, without folds of the data and with several seeds, and timed
 * anew: by what they gain there and by that time they are put in order, since the dev rows and a
 * lucky clock have chosen them already.
 */
final class Finals {

  private static final int FOLDS = 4;
  private static final int SEEDS = 3;

  /** The last trainings may be a little shorter than the trial was, with fewer rows. */
  private static final double SHARE_OF_TRIAL = 0.8;

  private record FoldJob(Trial trial, int fold, int seed) {}

  /** How long these would take, with all folds and seeds; unknown where there are none. */
  static OptionalDouble expectedSeconds(List<Trial> shortlist, Prepared prepared, int members) {
    return shortlist.isEmpty()
        ? OptionalDouble.empty()
        : OptionalDouble.of(
            shortlist.stream().mapToDouble(Trial::seconds).sum()
                * folds(prepared)
                * prepared.ways()
                * SEEDS
                / members);
  }

  private final Halving halving;
  private final Session session;
  private final Budget budget;
  private final double end;
  private final int folds;
  private final int ways;
  private final Map<Integer, List<FoldGain>> gains = new HashMap<>();
  private final Map<Integer, Looked> looks = new HashMap<>();
  private final Map<Integer, Double> references = new HashMap<>();

  Finals(Prepared prepared, Halving halving, Session session) {
    this.halving = halving;
    this.session = session;
    this.budget = session.budget();
    this.end = budget.finalsEnd(Refit.expectedSeconds(halving.shortlist(), prepared, session));
    this.folds = folds(prepared);
    this.ways = prepared.ways();
  }

  private static int folds(Prepared prepared) {
    return Math.min(FOLDS, prepared.groups());
  }

  /**
   * The finalists, the best one first.
   *
   * @param chosen those whose models are there, at least one
   * @param findings is told what could not be done
   */
  List<Finalist> run(List<Trial> chosen, List<String> findings) {
    if (folds < 2) {
      findings.add(
          "The rows can't be parted into folds that share no sentence: the best is chosen by the"
              + " dev rows alone.");
    } else {
      session.listener().accept(new TuneEvent.Phase("folds", budget.soFar()));
      lookAgain(chosen);
      runFolds(chosen);
      if (gains.isEmpty() || gains.values().stream().anyMatch(List::isEmpty)) {
        findings.add("There was no time for folds: the best is chosen by the dev rows alone.");
      }
    }
    return chosen.stream()
        .map(this::finalist)
        .sorted(Comparator.comparingDouble(Finals::expectedTotal).reversed())
        .toList();
  }

  /** By what they gain on average, where that is known; by the dev rows else. */
  private static double expectedTotal(Finalist finalist) {
    return finalist.meanGain() == null
        ? finalist.total() - 1e6
        : finalist.meanGain() + finalist.time();
  }

  /** With nobody else at work; where it fails, the time stays that the search has found. */
  private void lookAgain(List<Trial> finalists) {
    try {
      for (Trial trial : finalists) {
        looks.put(
            trial.trial(),
            session
                .crew()
                .run(0, new TrialTask.Look(trial.spec()), Looked.class, budget.until(end)));
      }
    } catch (TaskFault | CancellationException e) {
      looks.clear(); // a time that was taken otherwise can't be compared
    }
  }

  private void runFolds(List<Trial> finalists) {
    Deque<FoldJob> left = new ArrayDeque<>();
    for (int s = 0; s < SEEDS; s++) {
      for (int fold = 0; fold < folds * ways; fold++) {
        for (Trial trial : finalists) {
          left.add(new FoldJob(trial, fold, s));
        }
      }
    }
    Crew.everybody(
        session.crew(),
        member -> {
          for (FoldJob job = poll(left); job != null; job = poll(left)) {
            runFold(member, job);
          }
        });
    keepWhatAllHave(finalists);
  }

  private synchronized @Nullable FoldJob poll(Deque<FoldJob> left) {
    FoldJob job = left.peek();
    boolean late = job != null && budget.soFar() + SHARE_OF_TRIAL * job.trial().seconds() > end;
    return job == null || late || session.cancelled().getAsBoolean() ? null : left.poll();
  }

  private void runFold(int member, FoldJob job) {
    Trial trial = job.trial();
    long itsSeed = session.seed() + job.seed();
    Rung rung = halving.rung(trial.rung());
    try {
      TrialTask.Train task =
          new TrialTask.Train(
              trial.spec(),
              new Configuration(trial.options()).settings(rung.epochs(), itsSeed),
              rung.rows(),
              job.fold(),
              folds,
              reference(member, job.fold()),
              session.folder().foldModel(member));
      Trained trained = session.crew().run(member, task, Trained.class, budget.until(end));
      add(trial, new FoldGain(job.fold(), itsSeed, trained.gain()));
    } catch (TaskFault | CancellationException e) {
      // What is missing for one is left out for all.
    }
    TuneFolder.delete(session.folder().foldModel(member));
  }

  /** The reference's points on a fold, which no seed and no candidate changes. */
  private double reference(int member, int fold) {
    synchronized (references) {
      return references.computeIfAbsent(
          fold,
          f ->
              session
                  .crew()
                  .run(member, new Reference(f, folds), Referred.class, budget.until(end))
                  .quality());
    }
  }

  private synchronized void add(Trial trial, FoldGain gain) {
    gains.computeIfAbsent(trial.trial(), t -> new ArrayList<>()).add(gain);
    session
        .listener()
        .accept(
            new TuneEvent.Fold(trial.spec(), gain.fold(), gain.seed(), gain.gain(), budget.left()));
  }

  /** So that averages are over the same folds and seeds. */
  private void keepWhatAllHave(List<Trial> finalists) {
    Set<String> common =
        finalists.stream()
            .map(trial -> gains.getOrDefault(trial.trial(), List.of()))
            .map(all -> all.stream().map(Finals::place).collect(Collectors.toSet()))
            .reduce(
                (one, other) -> {
                  one.retainAll(other);
                  return one;
                })
            .orElseThrow();
    gains.replaceAll(
        (trial, all) -> all.stream().filter(gain -> common.contains(place(gain))).toList());
  }

  private static String place(FoldGain gain) {
    return gain.fold() + "/" + gain.seed();
  }

  private Finalist finalist(Trial trial) {
    List<FoldGain> folds = gains.getOrDefault(trial.trial(), List.of());
    double[] values = folds.stream().mapToDouble(FoldGain::gain).toArray();
    Looked looked = looks.getOrDefault(trial.trial(), Objects.requireNonNull(trial.looked()));
    Trained trained = Objects.requireNonNull(trial.trained());
    return new Finalist(
        trial.trial(),
        trial.spec(),
        trial.options(),
        looked.referenceRatio(),
        looked.time(),
        trained.quality(),
        trained.qualityCi95(),
        trained.quality() + looked.time(),
        folds,
        values.length == 0 ? null : MeanInterval.mean(values),
        MeanInterval.of95(values).map(Interval::toArray).orElse(null));
  }
}
