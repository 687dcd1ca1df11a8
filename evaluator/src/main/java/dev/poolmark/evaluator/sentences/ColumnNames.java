package dev.poolmark.evaluator.sentences;

import java.util.Locale;

/** Names of columns, however they are spelled. */
final class ColumnNames {

  private ColumnNames() {}

  /** The name's letters and digits in lower case: {@code sentence1} of {@code Sentence_1}. */
  static String plain(String name) {
    return name.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]", "");
  }
}
