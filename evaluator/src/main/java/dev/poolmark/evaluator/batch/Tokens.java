package dev.poolmark.evaluator.batch;

import java.nio.ByteBuffer;
import java.util.Optional;

/** Token embeddings of some sentences, without padding. */
public interface Tokens {

  /** What they are called where something is wrong with them. */
  String name();

  /** Number of sentences. */
  int count();

  /** Tokens of a sentence, at least one. */
  int length(int sentence);

  /** Width of a token embedding. */
  int dim();

  /** Puts a sentence's {@code length × dim} floats, native order, and moves behind them. */
  void copy(int sentence, ByteBuffer target);

  /**
   * Neighbouring sentences where they are, one right behind the other, if they are in memory that
   * torch may read and write.
   *
   * @return a direct buffer of native order, from its start
   */
  default Optional<ByteBuffer> inPlace(int firstSentence, int sentences) {
    return Optional.empty();
  }

  /** Some of the sentences, in any order. */
  default Tokens only(int[] sentences) {
    return new ChosenTokens(this, sentences);
  }
}
