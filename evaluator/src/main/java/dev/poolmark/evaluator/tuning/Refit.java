package dev.poolmark.evaluator.tuning;

import dev.poolmark.evaluator.tuning.Crew.TaskFault;
import dev.poolmark.evaluator.tuning.TrialTask.Prepared;
import dev.poolmark.evaluator.tuning.TrialTask.Refitted;
import dev.poolmark.evaluator.tuning.TrialTask.Trained;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import org.jspecify.annotations.Nullable;

/**
 * The best once more, on all rows that there are: when the dev rows have chosen it, they can teach
 * it, too.
 */
final class Refit {

  private final Session session;
  private final List<String> findings;

  /**
   * @param findings is told what came of it
   */
  Refit(Session session, List<String> findings) {
    this.session = session;
    this.findings = findings;
  }

  /** How long it takes at the most, whichever of these is the best; 0 where nobody wants it. */
  static double expectedSeconds(List<Trial> shortlist, Prepared prepared, Session session) {
    int rows = prepared.trainRows() + prepared.devRows();
    return session.refit()
        ? shortlist.stream().mapToDouble(trial -> expectedSeconds(trial, rows)).max().orElse(0)
        : 0;
  }

  private static double expectedSeconds(Trial trial, int rows) {
    return trial.seconds() * rows / Objects.requireNonNull(trial.trained()).rows();
  }

  /**
   * Puts the refitted model into {@code best/}; null where that fails, or nobody wants it.
   *
   * @param rung that the best was trained on
   */
  @Nullable Refitted run(Trial best, Rung rung) throws IOException {
    if (!session.refit()) {
      return null;
    }
    TuneFolder folder = session.folder();
    Budget budget = session.budget();
    session.listener().accept(new TuneEvent.Phase("refit", budget.soFar()));
    Trained trained = Objects.requireNonNull(best.trained());
    TrialTask.Refit task =
        new TrialTask.Refit(
            best.spec(),
            new Configuration(best.options()).settings(rung.epochs(), session.seed()),
            trained.bestEpoch(),
            folder.refitted());
    try {
      if (session.cancelled().getAsBoolean()) {
        throw new CancellationException("interrupted");
      }
      Refitted refitted =
          session.crew().run(0, task, Refitted.class, budget.until(budget.refitEnd()));
      folder.placeBest(folder.refitted());
      findings.add(
          String.format(
              Locale.ROOT,
              "The model in best/ was trained once more, on all %,d pairs, to the end of epoch %d. It"
                  + " has seen the dev rows: their figures belong to the model before it.",
              refitted.rows(),
              refitted.epochs()));
      return refitted;
    } catch (TaskFault | CancellationException fault) {
      findings.add("The best was not trained once more on all pairs: " + fault.getMessage() + ".");
      return null;
    } finally {
      TuneFolder.delete(folder.refitted());
      TuneFolder.delete(folder.work().resolve(TuneData.JOINED_FILE));
    }
  }
}
