package dev.poolmark.server.text;

import dev.poolmark.evaluator.worker.WorkerRequest;
import java.util.List;
import java.util.stream.IntStream;

/** One text that is to be embedded. */
public sealed interface Text {

  /** How it is to be embedded. */
  EmbedOptions how();

  /** As clients count: code points, or ids. */
  int characters();

  /** How much memory it takes, about: characters, or ids. */
  int size();

  /**
   * A guess, before anything is tokenized; the encoder alone knows.
   *
   * @param max no text is encoded at more
   */
  int estimatedTokens(int max);

  /** As a worker takes it. */
  WorkerRequest.Text forWorker();

  /** As somebody wrote it. */
  record Written(String text, EmbedOptions how) implements Text {
    @Override
    public int characters() {
      return text.codePointCount(0, text.length());
    }

    /** Four letters a token in English, but one Chinese character, which is three bytes. */
    @Override
    public int estimatedTokens(int max) {
      IntStream enough = text.chars().limit(3L * max);
      return Math.min(max, 2 + enough.map(c -> c < 0x80 ? 1 : c < 0x800 ? 2 : 3).sum() / 3);
    }

    @Override
    public int size() {
      return text.length();
    }

    @Override
    public WorkerRequest.Text forWorker() {
      return how.forWorker(text, null);
    }
  }

  /** As ids of the model's vocabulary. */
  record Ids(List<Integer> ids, EmbedOptions how) implements Text {
    public Ids {
      ids = List.copyOf(ids);
    }

    @Override
    public int characters() {
      return ids.size();
    }

    @Override
    public int estimatedTokens(int max) {
      return Math.min(max, ids.size());
    }

    @Override
    public int size() {
      return ids.size();
    }

    @Override
    public WorkerRequest.Text forWorker() {
      return how.forWorker(null, ids);
    }
  }
}
