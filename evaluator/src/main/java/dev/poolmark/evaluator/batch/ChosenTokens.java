package dev.poolmark.evaluator.batch;

import java.nio.ByteBuffer;
import java.util.Optional;

/** Some of the sentences of others. */
final class ChosenTokens implements Tokens {

  private final Tokens all;
  private final int[] sentences;

  ChosenTokens(Tokens all, int[] sentences) {
    this.all = all;
    this.sentences = sentences;
  }

  @Override
  public String name() {
    return all.name();
  }

  @Override
  public int count() {
    return sentences.length;
  }

  @Override
  public int length(int sentence) {
    return all.length(sentences[sentence]);
  }

  @Override
  public int dim() {
    return all.dim();
  }

  @Override
  public void copy(int sentence, ByteBuffer target) {
    all.copy(sentences[sentence], target);
  }

  @Override
  public Optional<ByteBuffer> inPlace(int firstSentence, int count) {
    int first = sentences[firstSentence];
    for (int i = 1; i < count; i++) {
      if (sentences[firstSentence + i] != first + i) {
        return Optional.empty();
      }
    }
    return all.inPlace(first, count);
  }
}
