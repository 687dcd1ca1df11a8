package dev.poolmark.evaluator.encoder;

import java.util.List;
import java.util.function.IntConsumer;

/**
 * Puts a prompt before every sentence. Blanks around it stay, as in sentence-transformers from 6
 * on: to some tokenizers they are tokens.
 *
 * @param encoder closed with this one
 * @param prompt perhaps empty
 */
public record PromptedEncoder(TokenEncoder encoder, String prompt) implements TokenEncoder {

  /** The same encoder with another prompt. */
  public PromptedEncoder withPrompt(String other) {
    return new PromptedEncoder(encoder, other);
  }

  @Override
  public int dim() {
    return encoder.dim();
  }

  @Override
  public int maxTokens() {
    return encoder.maxTokens();
  }

  @Override
  public TokenIds.Truncation truncation() {
    return encoder.truncation();
  }

  @Override
  public long vocabularySize() {
    return encoder.vocabularySize();
  }

  @Override
  public List<TokenIds> tokenize(List<String> sentences) {
    return encoder.tokenize(sentences.stream().map(sentence -> prompt + sentence).toList());
  }

  @Override
  public List<TokenEmbeddings> encodeIds(List<TokenIds> sentences, IntConsumer finished) {
    return encoder.encodeIds(sentences, finished);
  }

  @Override
  public void close() {
    encoder.close();
  }
}
