package dev.poolmark.evaluator.evaluation;

import dev.poolmark.evaluator.batch.PairBatch;
import dev.poolmark.evaluator.batch.TokenBatch;
import dev.poolmark.evaluator.metric.PairScores;
import dev.poolmark.evaluator.metric.RunningCorrelation;
import dev.poolmark.evaluator.metric.Similarity;
import java.util.Arrays;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.function.Consumer;

/**
 * The scoring loop: each batch of pairs goes through the pooler and, in turn, through the
 * reference, so that whatever else the machine does meets both alike.
 */
final class PairLoop extends Loop<PairBatch> {

  private static final long PROGRESS_EVERY_NANOS = 100_000_000;

  private final String spec;
  private final double[] labels;
  private final Stopwatch stopwatch;
  private final Consumer<Progress> listener;

  private final PairScores scores;
  private final RunningCorrelation running = new RunningCorrelation();
  private double[] poolerNanos = new double[64];
  private double[] referenceNanos = new double[64];
  private int batches;
  private long lastProgress = System.nanoTime();

  PairLoop(
      String spec,
      double[] labels,
      Stopwatch stopwatch,
      RunLimit limit,
      Consumer<Progress> listener) {
    super(limit);
    this.spec = spec;
    this.labels = labels;
    this.stopwatch = stopwatch;
    this.listener = listener;
    this.scores = new PairScores(labels.length);
  }

  @Override
  void process(PairBatch batch) {
    Stopwatch.Timed first = time(batch.first());
    Stopwatch.Timed second = time(batch.second());
    add(
        first.poolerNanos() + second.poolerNanos(),
        first.referenceNanos() + second.referenceNanos());
    compare(batch.firstPair(), batch.size(), first.embeddings(), second.embeddings());
    tellProgress();
  }

  private Stopwatch.Timed time(TokenBatch sentences) {
    return stopwatch.time(sentences, true);
  }

  private void add(double pooler, double reference) {
    if (batches == poolerNanos.length) {
      poolerNanos = Arrays.copyOf(poolerNanos, 2 * batches);
      referenceNanos = Arrays.copyOf(referenceNanos, 2 * batches);
    }
    poolerNanos[batches] = pooler;
    referenceNanos[batches] = reference;
    batches++;
  }

  private void compare(int firstPair, int pairs, float[] first, float[] second) {
    int dim = first.length / pairs;
    if (firstPair != scores.size()) {
      throw new IllegalStateException(
          String.format(
              Locale.ROOT,
              "expected the batch from pair %d on, found the one from %d",
              scores.size(),
              firstPair));
    }
    for (int i = 0; i < pairs; i++) {
      int pair = firstPair + i;
      scores.add(labels[pair], first, i * dim, second, i * dim, dim);
      running.add(scores.similarity(Similarity.COSINE, pair), labels[pair]);
    }
  }

  private void tellProgress() {
    long now = System.nanoTime();
    if (now - lastProgress >= PROGRESS_EVERY_NANOS) {
      lastProgress = now;
      double seconds = limit().secondsSoFar();
      double eta = seconds * (labels.length - scores.size()) / scores.size();
      listener.accept(
          new Progress.Running(
              spec,
              scores.size(),
              labels.length,
              orNull(running.pearson()),
              orNull(running.spearman()),
              seconds,
              eta));
    }
  }

  private static Double orNull(OptionalDouble value) {
    return value.isPresent() ? value.getAsDouble() : null;
  }

  PairScores scores() {
    return scores;
  }

  double[] poolerNanos() {
    return Arrays.copyOf(poolerNanos, batches);
  }

  double[] referenceNanos() {
    return Arrays.copyOf(referenceNanos, batches);
  }
}
