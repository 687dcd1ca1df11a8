package dev.poolmark.evaluator.evaluation;

import dev.poolmark.evaluator.batch.ByLength;
import dev.poolmark.evaluator.batch.StoreTokens;
import dev.poolmark.evaluator.batch.Tokens;
import dev.poolmark.evaluator.dataset.TokenStore;
import dev.poolmark.evaluator.evaluation.EvaluationReport.LengthBucket;
import dev.poolmark.evaluator.metric.PairScores;
import dev.poolmark.evaluator.metric.Similarity;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.IntStream;

/** What is done with a pooler on its bench: embed all pairs, then pass them under the clock. */
final class Measuring {

  private final EvaluationRequest request;
  private final Bench bench;
  private final Condition counting;
  private final List<Condition> others;
  private final ProgressMeter meter;

  Measuring(
      EvaluationRequest request,
      String spec,
      Bench bench,
      RunLimit limit,
      Consumer<Progress> listener) {
    this.request = request;
    this.bench = bench;
    counting = Condition.counting(request);
    others = request.timing().allProtocols() ? Condition.all(request.data()) : List.of();
    int pairs = request.data().rows();
    long sentences = 4L * pairs + work(counting) + others.stream().mapToLong(this::work).sum();
    meter = new ProgressMeter(spec, pairs, sentences, limit, listener);
  }

  private long work(Condition condition) {
    int repeats = condition.protocol() == Protocol.HOT ? Protocol.HOT_PASSES : 1;
    return 4L * condition.pairs() * request.timing().passes() * repeats;
  }

  /**
   * Measures the pooler.
   *
   * @throws dev.poolmark.evaluator.torch.PoolerFault when it is at fault
   * @throws java.util.concurrent.CancellationException when the run was cancelled
   */
  Measurement measure() {
    return new Measurement(
        bench.engine(),
        bench.facts().outputDim(),
        scores(),
        times(counting),
        others.stream().map(this::times).toList(),
        byLength());
  }

  /** Similarities of all pairs, in the order of the files. */
  private PairScores scores() {
    double[] labels = request.data().labels();
    PairScores scores = new PairScores(labels.length);
    int dim = bench.facts().outputDim();
    List<int[]> batches =
        new Condition(Protocol.FRESH, request.batchSize(), labels.length).batches(request.data());
    for (int i = 0; i < batches.size(); i += 2) {
      float[] first = bench.embed(batches.get(i));
      float[] second = bench.embed(batches.get(i + 1));
      int pairs = batches.get(i).length;
      for (int pair = 0; pair < pairs; pair++) {
        double label = labels[scores.size()];
        scores.add(label, first, pair * dim, second, pair * dim, dim);
        meter.compared(scores.similarity(Similarity.COSINE, scores.size() - 1), label);
      }
      meter.passed(2L * pairs);
    }
    return scores;
  }

  private PassTimes times(Condition condition) {
    bench.warmUp(condition);
    int passes = request.timing().passes();
    return bench.inTurn(condition, passes, () -> meter.passed(work(condition) / passes));
  }

  /**
   * Batches of sentences of like length, so that hardly a pass is spent on padding; each sentence
   * counts an even share of its batch's time.
   */
  private List<LengthBucket> byLength() {
    TokenStore data = request.data();
    Tokens sentences = StoreTokens.of(data, IntStream.range(0, data.rows()).toArray());
    Map<Integer, Bucket> buckets = new TreeMap<>();
    for (int[] batch :
        ByLength.batches(
            sentences.count(), sentences::length, request.batchSize(), Long.MAX_VALUE)) {
      double nanos = (double) bench.pass(batch) / batch.length;
      for (int sentence : batch) {
        buckets.merge(longest(sentences.length(sentence)), new Bucket(1, nanos), Bucket::plus);
      }
      meter.passed(batch.length);
    }
    List<LengthBucket> result = new ArrayList<>();
    buckets.forEach((longest, bucket) -> result.add(bucket.upTo(longest)));
    return result;
  }

  /** The upper end of a length's bucket: 8, 16, 32, 64 … tokens. */
  private static int longest(int tokens) {
    return tokens <= 8 ? 8 : Integer.highestOneBit(tokens - 1) << 1;
  }

  private record Bucket(long sentences, double nanos) {
    Bucket plus(Bucket other) {
      return new Bucket(sentences + other.sentences, nanos + other.nanos);
    }

    LengthBucket upTo(int longest) {
      int shortest = longest == 8 ? 1 : longest / 2 + 1;
      return new LengthBucket(shortest, longest, sentences, nanos / 1e3 / sentences);
    }
  }
}
