package dev.poolmark.evaluator.sentences;

import dev.poolmark.evaluator.dataset.ColumnNames;
import dev.poolmark.evaluator.dataset.Numbers;
import dev.poolmark.evaluator.files.TextLines;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * Which columns, counted from 0, hold the sentences and the label of a pair.
 *
 * @param columns how many a row has
 * @param more whether it may have more
 * @param source which corpus the pair was taken from; -1 where no column tells
 */
record PairsLayout(int columns, boolean more, int first, int second, int label, int source) {

  private static final PairsLayout CONTEST = new PairsLayout(3, false, 0, 1, 2, -1);

  /** STS-B as first published: genre, file, year, id, score, two sentences, perhaps sources. */
  private static final PairsLayout STSB = new PairsLayout(7, true, 5, 6, 4, 1);

  /** STS-B of sentence-transformers: split, genre, file, year, id, score, two sentences. */
  private static final PairsLayout SENTENCE_TRANSFORMERS = new PairsLayout(8, false, 6, 7, 5, 2);

  /** STS-B of GLUE: index, genre, file, year, id, two sources, two sentences, score. */
  private static final PairsLayout GLUE = new PairsLayout(10, false, 7, 8, 9, 2);

  private static final Set<String> SPLITS = Set.of("train", "dev", "validation", "test");

  static final String KNOWN =
      "3 columns (sentence, sentence, label), or the columns of STS-B: 7 or 9 (label in 5, sentences in 6"
          + " and 7), 8 (label in 6, sentences in 7 and 8) or 10 (sentences in 8 and 9, label in"
          + " 10), separated by tabs";

  /** By the names that a first row gives; empty where it is none of names. */
  static Optional<PairsLayout> named(String[] row) {
    int first = ColumnNames.find(row, ColumnNames.FIRST);
    int second = ColumnNames.find(row, ColumnNames.SECOND);
    int label = ColumnNames.find(row, ColumnNames.LABEL);
    return first < 0 || second < 0 || label < 0
        ? Optional.empty()
        : Optional.of(
            new PairsLayout(
                row.length,
                false,
                first,
                second,
                label,
                ColumnNames.find(row, ColumnNames.SOURCE)));
  }

  /** By a first row that is a pair; empty where no known layout is like that. */
  static Optional<PairsLayout> of(String[] row) {
    if (row.length == CONTEST.columns) {
      return Optional.of(CONTEST);
    }
    // The ids in the first layout's place of the label may look like one: it comes last.
    if (row.length == GLUE.columns) {
      return isLabel(row[GLUE.label]) ? Optional.of(GLUE) : Optional.empty();
    }
    if (row.length == SENTENCE_TRANSFORMERS.columns
        && (SPLITS.contains(row[0]) || isLabel(row[SENTENCE_TRANSFORMERS.label]))) {
      return Optional.of(SENTENCE_TRANSFORMERS);
    }
    boolean genre = !row[0].strip().chars().allMatch(Character::isDigit);
    return row.length == STSB.columns || row.length > STSB.columns && genre
        ? Optional.of(STSB)
        : Optional.empty();
  }

  private static boolean isLabel(String text) {
    return !Double.isNaN(Numbers.LABELS.parse(text));
  }

  boolean fits(String[] row) {
    return row.length == columns || more && row.length > columns;
  }

  /** What a row must be. */
  String expectation() {
    return String.format(
        Locale.ROOT,
        "%s%s separated by tabs (sentences in %d and %d, label in %d)",
        more ? "at least " : "",
        TextLines.columns(columns),
        first + 1,
        second + 1,
        label + 1);
  }
}
