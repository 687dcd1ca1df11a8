package dev.poolmark.evaluator.encoder;

import java.util.ArrayList;
import java.util.List;
import java.util.function.IntConsumer;

/**
 * Two encoders with the same tokenizer, whose embeddings of a token are joined: the first one's
 * numbers, then the second one's.
 */
public final class JoinedEncoder implements TokenEncoder {

  private final TokenEncoder first;
  private final TokenEncoder second;

  /** Both are closed with the joined one. */
  public JoinedEncoder(TokenEncoder first, TokenEncoder second) {
    if (first.maxTokens() != second.maxTokens()) {
      throw new IllegalArgumentException(
          "joined encoders cut at the same length, found "
              + first.maxTokens()
              + " and "
              + second.maxTokens()
              + " tokens");
    }
    this.first = first;
    this.second = second;
  }

  @Override
  public int dim() {
    return first.dim() + second.dim();
  }

  @Override
  public int maxTokens() {
    return first.maxTokens();
  }

  @Override
  public TokenIds.Truncation truncation() {
    return first.truncation();
  }

  @Override
  public long vocabularySize() {
    return first.vocabularySize();
  }

  @Override
  public List<TokenIds> tokenize(List<String> sentences) {
    return first.tokenize(sentences);
  }

  @Override
  public List<TokenEmbeddings> encodeIds(List<TokenIds> sentences, IntConsumer finished) {
    List<TokenEmbeddings> left = first.encodeIds(sentences, n -> {});
    List<TokenEmbeddings> right = second.encodeIds(sentences, finished);
    List<TokenEmbeddings> joined = new ArrayList<>(sentences.size());
    for (int i = 0; i < sentences.size(); i++) {
      joined.add(join(left.set(i, null), right.set(i, null))); // the parts are let go one by one
    }
    return joined;
  }

  @Override
  public void close() {
    try {
      first.close();
    } finally {
      second.close();
    }
  }

  private TokenEmbeddings join(TokenEmbeddings left, TokenEmbeddings right) {
    float[] values = new float[left.values().length + right.values().length];
    for (int t = 0; t < left.tokens(); t++) {
      System.arraycopy(left.values(), t * left.dim(), values, t * dim(), left.dim());
      System.arraycopy(
          right.values(), t * right.dim(), values, t * dim() + left.dim(), right.dim());
    }
    return new TokenEmbeddings(dim(), values);
  }
}
