package dev.poolmark.server.text;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/** The texts of one request, handed out shortest first, so that like lengths go together. */
final class TextJob {

  private final List<TextInput> inputs;
  private final int[] estimates;
  private final int[] order;
  private final EncodedText[] encoded;
  private final Promise<List<EncodedText>> end = Promise.promise();
  private final long arrived = System.nanoTime();
  private int taken;
  private int finished;

  /** One text on its way. */
  record Piece(TextJob job, int index, double queueSeconds) {
    TextInput input() {
      return job.inputs.get(index);
    }

    void finish(EncodedText text) {
      job.finish(index, text);
    }
  }

  /**
   * @param maxTokens no text is encoded at more
   */
  TextJob(List<TextInput> inputs, int maxTokens) {
    this.inputs = List.copyOf(inputs);
    this.estimates = inputs.stream().mapToInt(input -> input.estimatedTokens(maxTokens)).toArray();
    this.order =
        IntStream.range(0, estimates.length)
            .boxed()
            .sorted(Comparator.comparingInt(i -> estimates[i]))
            .mapToInt(Integer::intValue)
            .toArray();
    this.encoded = new EncodedText[estimates.length];
  }

  Future<List<EncodedText>> end() {
    return end.future();
  }

  /** How many texts are still to be handed out. */
  int waiting() {
    return order.length - taken;
  }

  /** How long the next text is, about. */
  int nextTokens() {
    return estimates[order[taken]];
  }

  Piece take() {
    return new Piece(this, order[taken++], (System.nanoTime() - arrived) / 1e9);
  }

  private void finish(int index, EncodedText text) {
    encoded[index] = text;
    finished++;
    if (finished == encoded.length) {
      end.tryComplete(List.of(encoded));
    }
  }

  void fail(RuntimeException failure) {
    end.tryFail(failure);
  }
}
