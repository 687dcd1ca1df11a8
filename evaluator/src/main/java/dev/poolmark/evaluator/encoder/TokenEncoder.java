package dev.poolmark.evaluator.encoder;

import java.util.List;
import java.util.function.IntConsumer;

/** Turns sentences into token embeddings. Not to be shared between threads. */
public sealed interface TokenEncoder extends AutoCloseable
    permits TransformerEncoder, JoinedEncoder, PromptedEncoder {

  /** Width of a token's embedding. */
  int dim();

  /** A sentence is cut to so many tokens, those that mark its start and end included. */
  int maxTokens();

  /** Which end of a sentence is given up where it is too long. */
  TokenIds.Truncation truncation();

  /** Token ids are below this. */
  long vocabularySize();

  /** Sentences as ids, however long: not cut. */
  List<TokenIds> tokenize(List<String> sentences);

  /**
   * Encodes sentences. All of the result is held in memory: a caller with many sentences hands them
   * over in portions.
   *
   * @param sentences each of at most {@link #maxTokens} ids
   * @param finished is told, from time to time, how many more sentences are done
   * @return one a sentence, in the order of the sentences
   */
  List<TokenEmbeddings> encodeIds(List<TokenIds> sentences, IntConsumer finished);

  /** Encodes sentences, cut where they are too long. */
  default List<TokenEmbeddings> encode(List<String> sentences, IntConsumer finished) {
    return encodeIds(
        tokenize(sentences).stream().map(ids -> ids.truncated(maxTokens(), truncation())).toList(),
        finished);
  }

  @Override
  void close();
}
