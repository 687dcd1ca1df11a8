package dev.poolmark.evaluator.tuning;

import dev.poolmark.evaluator.contest.Contest;
import dev.poolmark.evaluator.tuning.Crew.TaskFault;
import dev.poolmark.evaluator.tuning.TrialTask.Packed;
import dev.poolmark.evaluator.tuning.TrialTask.Ranked;
import dev.poolmark.evaluator.tuning.TuneReport.Finalist;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** What is done with the best at the end: it is packed, and ranked beside the other finalists. */
final class Closing {

  private static final int RANKED = 3;
  private static final double SECONDS_TO_RANK = 4;
  private static final double SECONDS_TO_RANK_ALL = 16;
  private static final Duration PACKING = Duration.ofMinutes(2);

  private final Session session;
  private final List<String> findings;

  /**
   * @param findings is told what could not be done
   */
  Closing(Session session, List<String> findings) {
    this.session = session;
    this.findings = findings;
  }

  /**
   * Packs the model in {@code best/}; null where that fails.
   *
   * @param check whether there is time to check the zip
   */
  @Nullable Packed pack(boolean check) {
    try {
      TuneFolder folder = session.folder();
      TrialTask.Pack task = new TrialTask.Pack(folder.best().toAbsolutePath(), folder.zip(), check);
      Packed packed = session.crew().run(0, task, Packed.class, PACKING);
      if (packed.verified() == null) {
        findings.add("The zip is not verified: there is no Python with torch.");
      }
      return packed;
    } catch (TaskFault | CancellationException fault) {
      findings.add("There is no zip: " + fault.getMessage());
      return null;
    }
  }

  /**
   * Ranks the first finalists and the reference; null where there is no time for it.
   *
   * @param model the folder of each
   */
  @Nullable Ranked rank(List<Finalist> finalists, Function<Finalist, Path> model) {
    List<Finalist> first = finalists.subList(0, Math.min(RANKED, finalists.size()));
    int poolers = first.size() + 1;
    double left = session.budget().left();
    if (left < SECONDS_TO_RANK * poolers) {
      findings.add("There was no time to rank the finalists under other assumptions.");
      return null;
    }
    Map<String, Path> models = new LinkedHashMap<>();
    first.forEach(finalist -> models.put("trial-" + finalist.trial(), model.apply(finalist)));
    models.put(Contest.REFERENCE, session.folder().work()); // which needs no model
    TrialTask.Rank task = new TrialTask.Rank(models, left > SECONDS_TO_RANK_ALL * poolers);
    try {
      Budget budget = session.budget();
      return session.crew().run(0, task, Ranked.class, budget.until(budget.seconds()));
    } catch (TaskFault | CancellationException fault) {
      findings.add("The finalists are not ranked: " + fault.getMessage());
      return null;
    }
  }
}
