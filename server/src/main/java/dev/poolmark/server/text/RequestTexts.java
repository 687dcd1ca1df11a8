package dev.poolmark.server.text;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/** The texts of one request, handed out shortest first, so that like lengths go together. */
final class RequestTexts {

  private final List<Text> texts;
  private final int[] estimates;
  private final int[] order;
  private final Embedding[] embeddings;
  private final HeldBytes.Share share;
  private final Promise<List<Embedding>> end = Promise.promise();
  private final long arrived = System.nanoTime();
  private int taken;
  private int finished;

  /** One of its texts, whose turn it is. */
  record Turn(RequestTexts request, int index, double queueSeconds) {
    Text text() {
      return request.texts.get(index);
    }

    void finish(Embedding embedding) {
      request.finish(index, embedding);
    }
  }

  /**
   * @param maxTokens no text is encoded at more
   * @param share of the memory
   */
  RequestTexts(List<Text> texts, int maxTokens, HeldBytes.Share share) {
    this.share = share;
    this.texts = List.copyOf(texts);
    this.estimates = texts.stream().mapToInt(text -> text.estimatedTokens(maxTokens)).toArray();
    this.order =
        IntStream.range(0, estimates.length)
            .boxed()
            .sorted(Comparator.comparingInt(i -> estimates[i]))
            .mapToInt(Integer::intValue)
            .toArray();
    this.embeddings = new Embedding[estimates.length];
  }

  Future<List<Embedding>> end() {
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

  Turn take() {
    return new Turn(this, order[taken++], (System.nanoTime() - arrived) / 1e9);
  }

  private void finish(int index, Embedding embedding) {
    if (end.future().isComplete()) {
      return;
    }
    if (!share.take(embedding.bytesUntilSent())) {
      fail(new NoRoomException());
      return;
    }
    embeddings[index] = embedding;
    finished++;
    if (finished == embeddings.length) {
      end.tryComplete(List.of(embeddings));
    }
  }

  void fail(RuntimeException failure) {
    if (end.tryFail(failure)) {
      release();
    }
  }

  /** Nobody needs its embeddings any more. */
  void release() {
    Arrays.fill(embeddings, null);
    share.giveBack();
  }
}
