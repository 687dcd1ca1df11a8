package dev.poolmark.evaluator.tuning;

import dev.poolmark.evaluator.contest.Contest;
import dev.poolmark.evaluator.tuning.Crew.TaskFault;
import dev.poolmark.evaluator.tuning.Halving.Job;
import dev.poolmark.evaluator.tuning.TrialTask.Looked;
import dev.poolmark.evaluator.tuning.TrialTask.Prepared;
import dev.poolmark.evaluator.tuning.TrialTask.Trained;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.CancellationException;
import org.jspecify.annotations.Nullable;

/** The crew tries candidates, each member one at a time, until the time for it is over. */
final class Search {

  /** How a task ends whose options don't fit together. */
  private static final int BAD_SPEC = 2;

  /** Nothing that is to be submitted takes longer. */
  private static final Duration LONGEST = Duration.ofHours(1);

  /** A first look that takes longer than these would take the time of many others. */
  private static final double LOOK_SHARE = 0.06;

  private static final double SHORTEST_LOOK = 10;

  private final Prepared prepared;
  private final Halving halving;
  private final Session session;
  private final Budget budget;
  private final TrialLog log;
  private final Map<String, Looked> looks = new HashMap<>();
  private final List<TuneReport.Rise> history = new ArrayList<>();
  private volatile Optional<TaskFault> lastFault = Optional.empty();

  Search(Prepared prepared, Halving halving, Session session, TrialLog log) {
    this.prepared = prepared;
    this.halving = halving;
    this.session = session;
    this.budget = session.budget();
    this.log = log;
  }

  /**
   * Tries candidates.
   *
   * @param most trials at the most, those of an earlier tuning among them
   */
  void run(OptionalInt most) {
    session.listener().accept(new TuneEvent.Phase("search", budget.soFar()));
    Crew.everybody(
        session.crew(),
        member -> {
          for (Optional<Job> job = next(most); job.isPresent(); job = next(most)) {
            attempt(member, job.get());
          }
        });
  }

  /** The best total on all rows, each time it rose. */
  List<TuneReport.Rise> history() {
    return history;
  }

  /** What the last trial that failed has failed by. */
  Optional<TaskFault> lastFault() {
    return lastFault;
  }

  private synchronized Optional<Job> next(OptionalInt most) {
    if (session.cancelled().getAsBoolean()
        || most.isPresent() && halving.taken() >= most.getAsInt()) {
      return Optional.empty();
    }
    boolean needed = isNeeded();
    if (!needed && budget.soFar() >= end()) {
      return Optional.empty();
    }
    Job job = halving.next();
    if (!needed && budget.soFar() + halving.expectedSeconds(job) > end()) {
      return Optional.empty();
    }
    halving.take(job);
    return Optional.of(job);
  }

  /** Nothing would come of a small budget if not even one pooler were trained. */
  private boolean isNeeded() {
    return halving.shortlist().isEmpty() && halving.hasStarters();
  }

  private synchronized double end() {
    List<Trial> shortlist = halving.shortlist();
    return budget.searchEnd(
        Finals.expectedSeconds(shortlist, prepared, session.crew().size()),
        Refit.expectedSeconds(shortlist, prepared, session));
  }

  private void attempt(int member, Job job) {
    double at = budget.soFar();
    Looked looked = null;
    Trained trained = null;
    Double total = null;
    String finding = null;
    Trial.State state = Trial.State.DONE;
    try {
      looked = look(member, job.configuration().spec());
      finding = cantWin(looked);
      if (finding == null) {
        trained = train(member, job);
        total = trained.quality() + looked.time();
      } else {
        state = Trial.State.SKIPPED;
      }
    } catch (TaskFault fault) {
      lastFault = Optional.of(fault);
      state = fault.exitCode() == BAD_SPEC ? Trial.State.SKIPPED : Trial.State.FAILED;
      finding = fault.getMessage();
    } catch (CancellationException e) {
      state = Trial.State.CANCELLED;
      finding = "its time was over";
    }
    record(job, state, at, looked, trained, total, finding);
  }

  private Looked look(int member, String spec) {
    synchronized (this) {
      Looked known = looks.get(spec);
      if (known != null) {
        return known;
      }
    }
    Looked looked =
        session.crew().run(member, new TrialTask.Look(spec), Looked.class, until(firstLookEnd()));
    synchronized (this) {
      looks.put(spec, looked);
    }
    return looked;
  }

  private synchronized @Nullable String cantWin(Looked looked) {
    if (!looked.withinSizeLimit()) {
      return Contest.sizeFinding(looked.parameterBytes()).orElseThrow();
    }
    return halving
        .leader()
        .filter(leader -> looked.bound() < leader.points())
        .map(
            leader ->
                String.format(
                    Locale.ROOT,
                    "its time allows %.2f points at the most, and %.2f are reached already",
                    looked.bound(),
                    leader.points()))
        .orElse(null);
  }

  private Trained train(int member, Job job) {
    Rung rung = halving.rung(job.rung());
    TrialTask.Train task =
        new TrialTask.Train(
            job.configuration().spec(),
            job.configuration().settings(rung.epochs(), session.seed()),
            rung.rows(),
            null,
            0,
            prepared.meanQuality(),
            session.folder().model(job.candidate(), job.rung()));
    return session.crew().run(member, task, Trained.class, until(lastMoment(job)));
  }

  private double lastMoment(Job job) {
    return job.rung() == 0 ? firstLookEnd() : end();
  }

  private double firstLookEnd() {
    return Math.min(end(), budget.soFar() + Math.max(SHORTEST_LOOK, LOOK_SHARE * budget.seconds()));
  }

  /** The first one has as long as it takes. */
  private synchronized Duration until(double end) {
    return halving.shortlist().isEmpty() ? LONGEST : budget.until(end);
  }

  private synchronized void record(
      Job job,
      Trial.State state,
      double at,
      @Nullable Looked looked,
      @Nullable Trained trained,
      @Nullable Double total,
      @Nullable String finding) {
    Trial trial =
        new Trial(
            halving.trials().size() + 1,
            prepared.subject().data(),
            prepared.subject().dev(),
            prepared.subject().formula(),
            job.candidate(),
            job.rung(),
            job.configuration().spec(),
            job.configuration().values(),
            state,
            at,
            budget.soFar() - at,
            looked,
            trained,
            total,
            finding);
    halving.add(trial);
    log.append(trial);
    Optional<Trial> leader = halving.leader();
    if (leader.isPresent() && leader.get().trial() == trial.trial()) {
      history.add(new TuneReport.Rise(budget.soFar(), trial.trial(), trial.spec(), trial.points()));
    }
    dropModels();
    session
        .listener()
        .accept(
            new TuneEvent.Tried(
                trial,
                leader.map(Trial::total).orElse(null),
                leader.map(Trial::spec).orElse(null),
                budget.left()));
  }

  /** Weights of those that can't be finalists. */
  private void dropModels() {
    Set<Trial> kept = Set.copyOf(halving.shortlist());
    halving.trials().stream()
        .filter(trial -> !kept.contains(trial))
        .map(session.folder()::model)
        .forEach(TuneFolder::delete);
  }
}
