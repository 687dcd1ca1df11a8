package dev.poolmark.evaluator.sentences;

import java.util.List;
import java.util.OptionalDouble;

/** A row of a corpus. */
public record Document(String document) implements Row {

  @Override
  public List<String> sentences() {
    return List.of(document);
  }

  @Override
  public OptionalDouble number() {
    return OptionalDouble.empty();
  }
}
