package dev.poolmark.evaluator.tuning;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import dev.poolmark.evaluator.files.AtomicFile;
import dev.poolmark.evaluator.files.BadDataException;
import dev.poolmark.evaluator.tuning.Crew.TaskFault;
import dev.poolmark.evaluator.tuning.Crew.TimeOver;
import dev.poolmark.evaluator.tuning.TrialTask.Described;
import dev.poolmark.evaluator.tuning.TrialTask.Packed;
import dev.poolmark.evaluator.tuning.TrialTask.Prepared;
import dev.poolmark.evaluator.tuning.TrialTask.Ranked;
import dev.poolmark.evaluator.tuning.TrialTask.Refitted;
import dev.poolmark.evaluator.tuning.TuneReport.Finalist;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Searches the best submission for some tokens, within a budget of time: the data are looked at,
 * candidates are tried, the best of them are tried again without folds of the data, and what gains
 * most there is packed.
 */
public final class Tuning {

  private static final ObjectMapper PRETTY =
      new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

  private static final int FEW_DEV_ROWS = 200;

  /** All poolers together, none of which is run. */
  private static final Duration MAKING = Duration.ofSeconds(10);

  private final TuneRequest request;
  private final Crew crew;
  private final Consumer<TuneEvent> listener;
  private final Budget budget;
  private final List<String> findings = new ArrayList<>();
  private volatile boolean cancelled;
  private @Nullable Halving halving; // once the data are read

  /**
   * @param start what {@code System.nanoTime()} was when the budget began
   */
  public Tuning(TuneRequest request, Crew crew, Consumer<TuneEvent> listener, long start) {
    this.request = request;
    this.crew = crew;
    this.listener = listener;
    this.budget = new Budget(request.budget(), start);
  }

  /**
   * Tunes, and leaves the best model, its zip and the reports.
   *
   * @throws BadDataException when the folder holds another's trials
   * @throws TaskFault when the data can't be used, or nothing could be trained
   */
  public TuneReport run() throws IOException {
    TuneFolder folder = TuneFolder.of(request);
    Prepared prepared = crew.run(0, new TrialTask.Prepare(), Prepared.class, Duration.ofDays(1));
    List<Architecture> architectures = architectures(Set.of());
    if (architectures.isEmpty()) {
      throw new TaskFault("expected poolers with weights to train, found none", 4);
    }
    TrialLog log = new TrialLog(folder.trials());
    Halving halving = begin(prepared, architectures, log);
    Session session =
        new Session(
            crew, budget, folder, request.seed(), request.refit(), listener, this::isCancelled);
    Search search = new Search(prepared, halving, session, log);
    search.run(request.trials());
    List<Trial> best = halving.shortlist().stream().filter(folder::hasModel).toList();
    tellHowFar(best, halving, prepared, search.lastFault());
    Finals finals = new Finals(prepared, halving, session);
    return close(prepared, halving, search, finals.run(best, findings), session);
  }

  /** Ends the search; what is best so far is left. May come from any thread. */
  public void cancel() {
    cancelled = true;
    crew.cancel();
  }

  public boolean isCancelled() {
    return cancelled;
  }

  /** The trials, with what became of each. */
  public List<Trial> trials() {
    return halving == null ? List.of() : List.copyOf(halving.trials());
  }

  /** A pooler that ends the process, or holds it up, as soon as it is made is left out. */
  private List<Architecture> architectures(Set<String> without) {
    try {
      Described described = crew.run(0, new TrialTask.Describe(without), Described.class, MAKING);
      findings.addAll(described.faults());
      return described.architectures();
    } catch (TaskFault fault) {
      return architecturesWithout(
          fault.ended(), without, fault, Objects.requireNonNull(fault.getMessage()));
    } catch (TimeOver late) {
      return architecturesWithout(
          late.pooler(),
          without,
          late,
          String.format(
              Locale.ROOT,
              "expected a pooler that is made within %d seconds, found it still being made",
              MAKING.toSeconds()));
    }
  }

  private List<Architecture> architecturesWithout(
      Optional<String> blamed, Set<String> without, RuntimeException fault, String finding) {
    String pooler = blamed.filter(name -> !without.contains(name)).orElseThrow(() -> fault);
    findings.add(String.format(Locale.ROOT, "The pooler '%s' is left out. %s", pooler, finding));
    Set<String> more = new TreeSet<>(without);
    more.add(pooler);
    return architectures(more);
  }

  private Halving begin(Prepared prepared, List<Architecture> architectures, TrialLog log)
      throws IOException {
    Halving begun =
        new Halving(new SearchSpace(architectures), prepared.trainRows(), request.seed());
    if (request.resume()) {
      log.read(prepared.subject()).forEach(begun::resume);
    }
    halving = begun;
    listener.accept(
        new TuneEvent.Started(
            prepared.trainRows(),
            prepared.devRows(),
            architectures.size(),
            prepared.inspection().advice(),
            prepared.meanQuality() + prepared.meanTime(),
            budget.seconds()));
    return begun;
  }

  private void tellHowFar(
      List<Trial> best, Halving halving, Prepared prepared, Optional<TaskFault> fault) {
    if (best.isEmpty()) {
      throw cancelled
          ? new TaskFault("interrupted before any pooler was trained", 130)
          : new TaskFault(
              "no pooler could be trained" + fault.map(last -> ": " + last.getMessage()).orElse(""),
              fault.map(TaskFault::exitCode).orElse(4));
    }
    if (best.get(0).rung() < halving.lastRung()) {
      findings.add(
          "There was no time to train any pooler on all rows: the best was trained on some of them,"
              + " for fewer epochs.");
    }
    if (prepared.devRows() < FEW_DEV_ROWS) {
      findings.add(
          String.format(
              Locale.ROOT,
              "Only %d dev rows choose: look at the intervals, not at the figures.",
              prepared.devRows()));
    }
  }

  private TuneReport close(
      Prepared prepared, Halving halving, Search search, List<Finalist> finalists, Session session)
      throws IOException {
    TuneFolder folder = session.folder();
    listener.accept(new TuneEvent.Phase("best", budget.soFar()));
    Finalist best = finalists.get(0);
    Trial winner = trial(halving, best);
    folder.placeBest(folder.model(winner));
    Refitted refitted = new Refit(session, findings).run(winner, halving.rung(winner.rung()));
    Closing closing = new Closing(session, findings);
    Packed packed = closing.pack(!cancelled);
    Ranked ranked =
        cancelled
            ? null
            : closing.rank(finalists, finalist -> folder.model(trial(halving, finalist)));
    TuneFolder.delete(folder.work().resolve(TuneData.DEV_FILE));
    TuneReport report =
        new TuneReport(
            prepared.inspection(),
            prepared.trainRows(),
            prepared.devRows(),
            prepared.foldsBy(),
            budget.seconds(),
            budget.soFar(),
            counts(halving.trials()),
            new TuneReport.Mean(
                prepared.meanQuality(),
                prepared.meanTime(),
                prepared.meanQuality() + prepared.meanTime()),
            best,
            search.history(),
            finalists,
            TuneStatistics.importance(halving.done(0)),
            refitted,
            ranked,
            packed,
            findings);
    AtomicFile.writeString(folder.report(), PRETTY.writeValueAsString(report) + "\n");
    listener.accept(
        new TuneEvent.Finished(
            folder.best().toString(), best.spec(), best.total(), budget.soFar(), refitted));
    return report;
  }

  private static Trial trial(Halving halving, Finalist finalist) {
    return halving.trials().get(finalist.trial() - 1);
  }

  private static Map<String, Integer> counts(List<Trial> trials) {
    Map<String, Integer> counts = new TreeMap<>();
    trials.forEach(
        trial -> counts.merge(trial.state().name().toLowerCase(Locale.ROOT), 1, Integer::sum));
    return counts;
  }
}
