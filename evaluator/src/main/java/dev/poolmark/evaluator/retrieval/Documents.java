package dev.poolmark.evaluator.retrieval;

import dev.poolmark.evaluator.dataset.Side;
import dev.poolmark.evaluator.dataset.TokenStore;
import dev.poolmark.evaluator.files.BadDataException;
import dev.poolmark.evaluator.sentences.Row;
import dev.poolmark.evaluator.sentences.RowReader;
import dev.poolmark.evaluator.sentences.SentenceFile;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * What the anchors of triplets search: the corpus, and the triplets' positives and negatives that
 * it lacks. What has the same text is one document, and one query.
 *
 * @param triplets where queries' tokens are, and those of documents that the corpus lacks
 * @param corpus where the others' are
 * @param documents in the order of the corpus, then of the positives, then of the negatives
 * @param queries the row of each distinct anchor
 * @param relevant numbers of the documents that are relevant to each query, ascending
 */
public record Documents(
    TokenStore triplets,
    TokenStore corpus,
    List<Part> documents,
    int[] queries,
    List<int[]> relevant) {

  /** Some rows of one side. */
  public record Part(TokenStore store, Side side, int[] rows) {}

  /**
   * Reads which documents are the same, and which are relevant to which query.
   *
   * @param tripletsFile the texts of the triplets' store
   * @param corpusFile the texts of the corpus' store
   * @throws BadDataException where a text file and its store differ in their rows
   */
  public static Documents read(
      TokenStore triplets, SentenceFile tripletsFile, TokenStore corpus, SentenceFile corpusFile)
      throws IOException {
    Map<TextKey, Integer> numbers = new HashMap<>();
    List<Part> parts = new ArrayList<>();
    parts.add(distinct(corpus, Side.CORPUS, corpusFile, 0, numbers));
    parts.add(distinct(triplets, Side.POSITIVE, tripletsFile, 1, numbers));
    parts.add(distinct(triplets, Side.NEGATIVE, tripletsFile, 2, numbers));
    Map<String, Query> queries = new LinkedHashMap<>();
    int row = 0;
    try (RowReader<? extends Row> reader = tripletsFile.open()) {
      for (Row triplet; (triplet = reader.next()) != null; row++) {
        int first = row;
        queries
            .computeIfAbsent(triplet.sentences().get(0), text -> new Query(first, new HashSet<>()))
            .relevant()
            .add(numbers.get(TextKey.of(triplet.sentences().get(1))));
      }
    }
    return new Documents(
        triplets,
        corpus,
        List.copyOf(parts),
        queries.values().stream().mapToInt(Query::row).toArray(),
        queries.values().stream().map(Query::ascending).toList());
  }

  /** The rows whose text is new; they get the next numbers. */
  private static Part distinct(
      TokenStore store, Side side, SentenceFile file, int column, Map<TextKey, Integer> numbers)
      throws IOException {
    IntStream.Builder rows = IntStream.builder();
    int row = 0;
    try (RowReader<? extends Row> reader = file.open()) {
      for (Row read; (read = reader.next()) != null; row++) {
        if (numbers.putIfAbsent(TextKey.of(read.sentences().get(column)), numbers.size()) == null) {
          rows.add(row);
        }
      }
    }
    if (row != store.rows()) {
      throw new BadDataException(
          file.path(), store.rows() + " rows as in " + store.name(), "" + row);
    }
    return new Part(store, side, rows.build().toArray());
  }

  private record Query(int row, Set<Integer> relevant) {
    int[] ascending() {
      return relevant.stream().mapToInt(Integer::intValue).sorted().toArray();
    }
  }

  /** How many documents there are. */
  public int size() {
    return documents.stream().mapToInt(part -> part.rows().length).sum();
  }

  /** Whether a document is relevant to a query. */
  boolean isRelevant(int query, int document) {
    return Arrays.binarySearch(relevant.get(query), document) >= 0;
  }
}
