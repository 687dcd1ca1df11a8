package dev.poolmark.evaluator.sentences;

import java.util.List;
import java.util.OptionalDouble;

/**
 * Two sentences and how near they are in meaning.
 *
 * @param first any text without tab or line feed, perhaps empty
 * @param second the same
 * @param label from 0, unrelated, to 5, the same meaning
 */
public record SentencePair(String first, String second, double label) implements Row {
  public SentencePair {
    if (!(label >= 0 && label <= 5)) {
      throw new IllegalArgumentException("a label is from 0 to 5, found " + label);
    }
    if ((first + second).chars().anyMatch(c -> c == '\t' || c == '\n')) {
      throw new IllegalArgumentException("a sentence holds no tab and no line feed");
    }
  }

  @Override
  public List<String> sentences() {
    return List.of(first, second);
  }

  @Override
  public OptionalDouble number() {
    return OptionalDouble.of(label);
  }
}
