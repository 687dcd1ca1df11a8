package dev.poolmark.evaluator.encoder;

/**
 * The token embeddings of one sentence.
 *
 * @param dim width of a token's embedding
 * @param values the tokens' embeddings one after the other, tokens × dim numbers
 */
public record TokenEmbeddings(int dim, float[] values) {
  public TokenEmbeddings {
    if (dim < 1 || values.length == 0 || values.length % dim != 0) {
      throw new IllegalArgumentException(
          "expected some tokens of " + dim + " numbers each, found " + values.length + " numbers");
    }
  }

  public int tokens() {
    return values.length / dim;
  }
}
