package dev.poolmark.evaluator.worker;

import java.nio.ByteBuffer;

/** Token embeddings of some sentences, without padding. */
interface Tokens {

  /** Number of sentences. */
  int count();

  /** Tokens of a sentence. */
  int length(int sentence);

  /** Width of a token embedding. */
  int dim();

  /** Puts a sentence's {@code length × dim} floats, native order. */
  void copy(int sentence, ByteBuffer target);
}
