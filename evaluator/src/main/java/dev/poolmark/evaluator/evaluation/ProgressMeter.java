package dev.poolmark.evaluator.evaluation;

import dev.poolmark.evaluator.metric.RunningCorrelation;
import java.util.OptionalDouble;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Tells how far a pooler's run has come, at most ten times a second. */
final class ProgressMeter {

  private static final long EVERY_NANOS = 100_000_000;

  private final String spec;
  private final long total;
  private final long sentences;
  private final RunLimit limit;
  private final Consumer<Progress> listener;
  private final RunningCorrelation correlation = new RunningCorrelation();
  private long done;
  private long last = System.nanoTime();

  /**
   * @param pairs of the data
   * @param sentences that go through a model in all, each as often as it does
   */
  ProgressMeter(
      String spec, long pairs, long sentences, RunLimit limit, Consumer<Progress> listener) {
    this.spec = spec;
    this.total = pairs;
    this.sentences = sentences;
    this.limit = limit;
    this.listener = listener;
  }

  void compared(double similarity, double label) {
    correlation.add(similarity, label);
  }

  void passed(long more) {
    done += more;
    long now = System.nanoTime();
    if (now - last >= EVERY_NANOS) {
      last = now;
      tell();
    }
  }

  private void tell() {
    double share = Math.min(1, (double) done / sentences);
    double seconds = limit.secondsSoFar();
    listener.accept(
        new Progress.Running(
            spec,
            (long) Math.ceil(share * total),
            total,
            orNull(correlation.pearson()),
            orNull(correlation.spearman()),
            seconds,
            seconds * (1 - share) / share));
  }

  private static @Nullable Double orNull(OptionalDouble value) {
    return value.isPresent() ? value.getAsDouble() : null;
  }
}
