package dev.poolmark.evaluator.dataset;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * The names that public files give their columns in a first row, however they are spelled: {@code
 * Sentence_1} is {@code sentence1}.
 */
public final class ColumnNames {

  /** Of a pair. */
  public static final Set<String> FIRST = Set.of("sentence1", "sentencea", "text1");

  /** Of a pair. */
  public static final Set<String> SECOND = Set.of("sentence2", "sentenceb", "text2");

  /** Of a pair. */
  public static final Set<String> LABEL =
      Set.of("score", "label", "similarity", "similarityscore", "relatednessscore");

  /** Of a pair, where there is one. */
  public static final Set<String> SOURCE =
      Set.of("source", "dataset", "corpus", "origin", "file", "filename");

  /** Of a triplet's columns, in their order; the last may be missing. */
  private static final List<Set<String>> TRIPLET =
      List.of(
          Set.of("anchor", "query", "sent0", "sentence1", "premise"),
          Set.of("positive", "pos", "sent1", "sentence2", "entailment"),
          Set.of("negative", "neg", "hardneg", "hardnegative", "sentence3", "contradiction"),
          Set.of("margin", "score", "label"));

  private static final int SENTENCES_OF_TRIPLET = 3;

  private ColumnNames() {}

  /** The column, counted from 0, that has one of the names; -1 where none has. */
  public static int find(String[] row, Set<String> sought) {
    List<String> names = Arrays.stream(row).map(ColumnNames::plain).toList();
    for (int i = 0; i < names.size(); i++) {
      if (sought.contains(names.get(i))) {
        return i;
      }
    }
    return -1;
  }

  /** Whether a row names the columns of pairs, in any order. */
  static boolean areOfPairs(String[] row) {
    return find(row, FIRST) >= 0 && find(row, SECOND) >= 0 && find(row, LABEL) >= 0;
  }

  /** Whether a row names the columns of triplets, in their order. */
  public static boolean areOfTriplets(String[] row) {
    for (int i = 0; i < row.length; i++) {
      if (i >= TRIPLET.size() || !TRIPLET.get(i).contains(plain(row[i]))) {
        return false;
      }
    }
    return row.length >= SENTENCES_OF_TRIPLET;
  }

  private static String plain(String name) {
    return name.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]", "");
  }
}
