package dev.poolmark.evaluator.sentences;

import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * Two sentences and how near they are in meaning.
 *
 * @param first any text without tab or line feed, perhaps empty
 * @param second the same
 * @param label from 0, unrelated, to 5, the same meaning
 * @param source the corpus that the pair was taken from, where the file tells it
 */
public record SentencePair(String first, String second, double label, Optional<String> source)
    implements Row {

  /** The names of the columns of {@link #textWithSource}. */
  public static final String HEADER = "sentence1\tsentence2\tscore\tsource";

  public SentencePair {
    if (!(label >= 0 && label <= 5)) {
      throw new IllegalArgumentException("a label is from 0 to 5, found " + label);
    }
    if ((first + second).chars().anyMatch(c -> c == '\t' || c == '\n')) {
      throw new IllegalArgumentException("a sentence holds no tab and no line feed");
    }
  }

  /** Of no known source. */
  public SentencePair(String first, String second, double label) {
    this(first, second, label, Optional.empty());
  }

  /** The row as text, with its source in the fourth column. */
  public String textWithSource() {
    return text() + '\t' + source.orElse("");
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
