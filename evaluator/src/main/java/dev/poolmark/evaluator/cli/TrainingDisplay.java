package dev.poolmark.evaluator.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.poolmark.evaluator.training.TrainingEvent;
import java.io.PrintWriter;
import java.util.Locale;
import java.util.function.Consumer;

/** Tells of a training. */
sealed interface TrainingDisplay extends Consumer<TrainingEvent>, AutoCloseable {

  static TrainingDisplay of(boolean json, PrintWriter out, PrintWriter err) {
    return json ? new JsonLines(out) : new Text(out, err, ProgressMode.isTerminal());
  }

  @Override
  default void close() {}

  /** Each event as a line of JSON on stdout. */
  record JsonLines(PrintWriter out) implements TrainingDisplay {

    private static final ObjectMapper JSON = new ObjectMapper();

    @Override
    public void accept(TrainingEvent event) {
      try {
        out.println(JSON.writerFor(TrainingEvent.class).writeValueAsString(event));
        out.flush();
      } catch (JsonProcessingException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  /**
   * A line an epoch on stderr, where that is a terminal a live one between, a summary on stdout.
   */
  record Text(PrintWriter out, PrintWriter err, boolean live) implements TrainingDisplay {

    private static final String ERASE = "\r\033[K";

    @Override
    public void accept(TrainingEvent event) {
      if (event instanceof TrainingEvent.Started started) {
        line(
            "%s: %,d weights, %,d rows, dev %s over %,d rows before training",
            started.spec(),
            started.parameters(),
            started.pairs(),
            started.dev().text(),
            started.devPairs());
      } else if (event instanceof TrainingEvent.Step step && live) {
        err.printf(
            Locale.ROOT,
            ERASE + "epoch %d, step %d/%d, loss %.4f, dev %s, %.0f s left",
            step.epoch(),
            step.step(),
            step.steps(),
            step.loss(),
            step.dev().text(),
            step.etaSeconds());
        err.flush();
      } else if (event instanceof TrainingEvent.Epoch epoch) {
        line(
            "epoch %d: loss %.4f, dev %s, %.1f s%s",
            epoch.epoch(),
            epoch.loss(),
            epoch.dev().text(),
            epoch.seconds(),
            epoch.best() ? ", the best so far" : "");
      } else if (event instanceof TrainingEvent.Fold fold) {
        line(
            "fold %d of %d, seed %d: %s, %+.4f over mean",
            fold.fold(), fold.folds(), fold.seed(), fold.figures().text(), fold.gain());
      } else if (event instanceof TrainingEvent.CarriesOver over) {
        double[] interval = over.gainCi95();
        out.println(
            String.format(
                Locale.ROOT,
                "%+.4f over mean on rows kept aside, the mean of %d trainings%s",
                over.meanGain(),
                over.trainings(),
                interval == null
                    ? ""
                    : String.format(
                        Locale.ROOT, " (95 %%: %+.4f to %+.4f)", interval[0], interval[1])));
        out.flush();
      } else if (event instanceof TrainingEvent.Finished finished) {
        out.printf(
            Locale.ROOT,
            "%s: dev %s, epoch %d of %d, %.1f s%n",
            finished.model(),
            finished.dev().text(),
            finished.bestEpoch(),
            finished.epochs(),
            finished.seconds());
        out.flush();
      }
    }

    private void line(String format, Object... arguments) {
      err.println((live ? ERASE : "") + String.format(Locale.ROOT, format, arguments));
    }

    @Override
    public void close() {
      if (live) {
        err.print(ERASE);
        err.flush();
      }
    }
  }
}
