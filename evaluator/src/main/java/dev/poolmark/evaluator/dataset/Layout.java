package dev.poolmark.evaluator.dataset;

import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** What the rows of a data set are. */
public enum Layout {
  /** Two sentences, and how close they are. */
  PAIRS(List.of(Side.FIRST, Side.SECOND), Optional.of(Numbers.LABELS), "pairs.tsv"),
  /**
   * An anchor, a sentence that is close to it, one that is less so, and perhaps by how much a
   * teacher finds it less so.
   */
  TRIPLETS(
      List.of(Side.ANCHOR, Side.POSITIVE, Side.NEGATIVE),
      Optional.of(Numbers.MARGINS),
      "triplets.tsv"),
  /** A document each. */
  CORPUS(List.of(Side.CORPUS), Optional.empty(), "corpus.tsv");

  private final List<Side> sides;
  private final Optional<Numbers> numbers;
  private final String texts;

  Layout(List<Side> sides, Optional<Numbers> numbers, String texts) {
    this.sides = sides;
    this.numbers = numbers;
    this.texts = texts;
  }

  /** A row's sentences, in their order. */
  public List<Side> sides() {
    return sides;
  }

  /** The number that a row has, or may have, besides. */
  public Optional<Numbers> numbers() {
    return numbers;
  }

  /** Whether each row must have its number. */
  public boolean needsNumbers() {
    return this == PAIRS;
  }

  /** What a row of that file must be. */
  String columns() {
    return switch (this) {
      case PAIRS -> "sentence, sentence and label with tabs between";
      case TRIPLETS -> "anchor, positive, negative and perhaps margin with tabs between";
      case CORPUS -> "a document";
    };
  }

  /** Whether a first row of that file gives the columns' names. */
  boolean isHeader(String[] row) {
    return switch (this) {
      case PAIRS -> ColumnNames.areOfPairs(row);
      case TRIPLETS -> ColumnNames.areOfTriplets(row);
      case CORPUS -> false;
    };
  }

  /** How many columns such a first row names besides the sentences and the number. */
  int more(String[] header) {
    return this == PAIRS ? header.length - sides.size() - 1 : 0;
  }

  /** In which column, counted from 0, such a first row has the number. */
  int numberColumn(String[] header) {
    return this == PAIRS ? ColumnNames.find(header, ColumnNames.LABEL) : sides.size();
  }

  /** The file of the sentences themselves, {@code pairs.tsv}. */
  public String texts() {
    return texts;
  }

  /** Name of a store that lies beside its text files. */
  public String storeName() {
    return this == CORPUS ? "corpus.safetensors" : TokenStores.FILE_NAME;
  }

  /** What rows are called: {@code pairs}. */
  public String key() {
    return this == CORPUS ? "documents" : name().toLowerCase(Locale.ROOT);
  }
}
