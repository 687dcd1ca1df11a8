package dev.poolmark.evaluator.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.poolmark.evaluator.evaluation.Progress;
import java.io.PrintWriter;
import java.util.Locale;
import java.util.function.Consumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarConsumer;
import org.jspecify.annotations.Nullable;

/** Shows the progress of an evaluation on stderr. */
sealed interface ProgressDisplay extends Consumer<Progress>, AutoCloseable {

  @Override
  default void close() {}

  /** Nothing. */
  record None() implements ProgressDisplay {
    @Override
    public void accept(Progress progress) {}
  }

  /** A line of JSON each. */
  record JsonLines(PrintWriter err) implements ProgressDisplay {

    private static final ObjectMapper JSON = new ObjectMapper();

    @Override
    public void accept(Progress progress) {
      try {
        err.println(JSON.writerFor(Progress.class).writeValueAsString(progress));
      } catch (JsonProcessingException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  /** A bar with an ETA for each pooler, which goes when it is done. */
  final class Bar implements ProgressDisplay {

    private final PrintWriter err;
    private @Nullable ProgressBar bar;

    Bar(PrintWriter err) {
      this.err = err;
    }

    @Override
    public void accept(Progress progress) {
      if (progress instanceof Progress.Running running) {
        show(running);
      } else {
        close();
      }
    }

    private void show(Progress.Running running) {
      if (bar == null) {
        bar = start(running.pooler(), running.total(), err);
      }
      bar.stepTo(running.pairs());
      if (running.cosineSpearman() != null) {
        bar.setExtraMessage(String.format(Locale.ROOT, "Spearman %.4f", running.cosineSpearman()));
      }
    }

    /** A bar that goes when it is closed. */
    static ProgressBar start(String task, long total, PrintWriter err) {
      return new ProgressBarBuilder()
          .setTaskName(task)
          .setInitialMax(total)
          .setUpdateIntervalMillis(100)
          .setConsumer(new Line(err))
          .clearDisplayOnFinish()
          .build();
    }

    @Override
    public void close() {
      if (bar != null) {
        bar.close();
        bar = null;
      }
    }
  }

  /** One line of a terminal, written over and over. */
  record Line(PrintWriter err) implements ProgressBarConsumer {

    @Override
    public int getMaxRenderedLength() {
      return 79;
    }

    @Override
    public void accept(String text) {
      err.print("\r" + text);
      err.flush();
    }

    @Override
    public void clear() {
      accept("\033[K");
    }

    @Override
    public void close() {}
  }
}
