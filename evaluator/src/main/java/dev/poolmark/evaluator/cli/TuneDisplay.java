package dev.poolmark.evaluator.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.poolmark.evaluator.tuning.Trial;
import dev.poolmark.evaluator.tuning.TuneEvent;
import java.io.PrintWriter;
import java.util.Locale;
import java.util.Objects;
import java.util.function.Consumer;

/** Tells of a tuning: each event as a line of JSON on stdout, or words on stderr. */
final class TuneDisplay implements Consumer<TuneEvent>, AutoCloseable {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String ERASE = "\r\033[K";

  private final boolean json;
  private final boolean live;
  private final PrintWriter out;
  private final PrintWriter err;
  private int trials;

  TuneDisplay(boolean json, PrintWriter out, PrintWriter err) {
    this.json = json;
    this.live = !json && ProgressMode.isTerminal();
    this.out = out;
    this.err = err;
  }

  @Override
  public synchronized void accept(TuneEvent event) {
    if (json) {
      line(event);
    } else {
      tell(event);
    }
  }

  private void line(TuneEvent event) {
    try {
      out.println(JSON.writerFor(TuneEvent.class).writeValueAsString(event));
      out.flush();
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("an event is made of plain values", e);
    }
  }

  private void tell(TuneEvent event) {
    if (event instanceof TuneEvent.Started started) {
      say(
          "%,d pairs to train on, %,d to choose by, mean has %.2f points. %s",
          started.trainRows(), started.devRows(), started.meanTotal(), started.advice());
    } else if (event instanceof TuneEvent.Tried tried) {
      trials++;
      Trial trial = tried.trial();
      if (trial.total() != null) {
        say(
            "trial %d: %.2f points, %s, %s, %.1f s",
            trial.trial(),
            trial.total(),
            trial.spec(),
            Objects.requireNonNull(trial.trained()).dev().text(),
            trial.seconds());
      } else {
        say(
            "trial %d: %s, %s: %s",
            trial.trial(),
            trial.state().name().toLowerCase(Locale.ROOT),
            trial.spec(),
            Objects.toString(trial.finding(), ""));
      }
      if (live) {
        err.print(
            String.format(
                Locale.ROOT,
                "%s%d trials, best %s, %.0f s left",
                ERASE,
                trials,
                tried.best() == null
                    ? "not known yet"
                    : String.format(Locale.ROOT, "%.2f %s", tried.best(), tried.bestSpec()),
                tried.etaSeconds()));
        err.flush();
      }
    } else if (event instanceof TuneEvent.Fold fold) {
      say(
          "fold %d, seed %d: %+.2f points over mean, %s",
          fold.fold() + 1, fold.seed(), fold.gain(), fold.spec());
    } else if (event instanceof TuneEvent.Finished finished) {
      say("%.1f s in all", finished.seconds());
    }
  }

  private void say(String format, Object... arguments) {
    err.println((live ? ERASE : "") + String.format(Locale.ROOT, format, arguments));
    err.flush();
  }

  @Override
  public void close() {
    if (live) {
      err.print(ERASE);
      err.flush();
    }
  }
}
