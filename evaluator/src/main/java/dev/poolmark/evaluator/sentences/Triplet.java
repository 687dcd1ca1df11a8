package dev.poolmark.evaluator.sentences;

import java.util.List;
import java.util.OptionalDouble;

/**
 * A sentence, one that is close to it, and one that is less so.
 *
 * @param number by how much a teacher finds the positive closer than the negative, if it was asked
 */
public record Triplet(String anchor, String positive, String negative, OptionalDouble number)
    implements Row {

  @Override
  public List<String> sentences() {
    return List.of(anchor, positive, negative);
  }
}
