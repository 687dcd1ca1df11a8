package dev.poolmark.evaluator.cli;

import dev.poolmark.evaluator.encoding.EncodeProgress;
import java.io.PrintWriter;
import me.tongfei.progressbar.ProgressBar;
import org.jspecify.annotations.Nullable;

/** Shows how far an encoding is, where stderr is a terminal. */
final class EncodeBar implements EncodeProgress, AutoCloseable {

  private final String task;
  private final PrintWriter err;
  private @Nullable ProgressBar bar;

  EncodeBar(String task, PrintWriter err) {
    this.task = task;
    this.err = err;
  }

  @Override
  public void sentences(long done, long total) {
    if (!ProgressMode.isTerminal()) {
      return;
    }
    if (bar == null) {
      bar = ProgressDisplay.Bar.start(task, total, err);
    }
    bar.stepTo(done);
  }

  @Override
  public void close() {
    if (bar != null) {
      bar.close();
    }
  }
}
