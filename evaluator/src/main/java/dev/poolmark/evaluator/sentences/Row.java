package dev.poolmark.evaluator.sentences;

import java.util.List;
import java.util.OptionalDouble;

/** A row of a text file: sentences, and perhaps a number. */
public sealed interface Row permits SentencePair, Triplet, Document {

  /** One a side of its layout, in their order. */
  List<String> sentences();

  /** A label or a margin. */
  OptionalDouble number();

  /** The row as text, columns parted by tabs, without its end. */
  default String text() {
    String sentences = String.join("\t", sentences());
    return number().isPresent() ? sentences + '\t' + number().getAsDouble() : sentences;
  }
}
