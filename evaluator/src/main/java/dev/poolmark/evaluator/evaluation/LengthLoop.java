package dev.poolmark.evaluator.evaluation;

import dev.poolmark.evaluator.batch.TokenBatch;
import dev.poolmark.evaluator.evaluation.EvaluationReport.LengthBucket;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Time by length of sentence: batches of sentences of like length, so that hardly a pass is spent
 * on padding; each sentence counts an even share of its batch's time.
 */
final class LengthLoop extends Loop<TokenBatch> {

  private final Stopwatch stopwatch;
  private final Map<Integer, Bucket> buckets = new TreeMap<>();

  LengthLoop(Stopwatch stopwatch, RunLimit limit) {
    super(limit);
    this.stopwatch = stopwatch;
  }

  private static final class Bucket {
    private int sentences;
    private double nanos;
  }

  @Override
  void process(TokenBatch batch) {
    double nanos = (double) stopwatch.time(batch, false).poolerNanos() / batch.size();
    for (int sentence = 0; sentence < batch.size(); sentence++) {
      Bucket bucket =
          buckets.computeIfAbsent(longest(batch.length(sentence)), made -> new Bucket());
      bucket.sentences++;
      bucket.nanos += nanos;
    }
  }

  /** The upper end of a length's bucket: 8, 16, 32, 64 … tokens. */
  private static int longest(int tokens) {
    return tokens <= 8 ? 8 : Integer.highestOneBit(tokens - 1) << 1;
  }

  List<LengthBucket> buckets() {
    List<LengthBucket> result = new ArrayList<>();
    buckets.forEach(
        (longest, bucket) ->
            result.add(
                new LengthBucket(
                    longest == 8 ? 1 : longest / 2 + 1,
                    longest,
                    bucket.sentences,
                    bucket.nanos / 1e3 / bucket.sentences)));
    return result;
  }
}
