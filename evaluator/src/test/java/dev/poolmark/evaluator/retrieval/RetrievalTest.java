package dev.poolmark.evaluator.retrieval;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.poolmark.evaluator.metric.RetrievalMetric;
import dev.poolmark.evaluator.metric.Similarity;
import dev.poolmark.evaluator.metric.TripletScores;
import dev.poolmark.evaluator.torch.TorchEngine;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/**
 * The expected figures are those of sentence-transformers 6.2.0: {@code
 * InformationRetrievalEvaluator.compute_all_metrics} and {@code TripletEvaluator}'s similarity
 * functions, with torch 2.15, on the embeddings that the formulas below make, ids being numbers
 * with leading zeros and chunks being of 40 documents.
 */
class RetrievalTest {

  private static final int DIM = 6;
  private static final int QUERIES = 24;
  private static final int DOCUMENTS = 150;

  private static float[] embeddings(int seed, int count) {
    float[] values = new float[count * DIM];
    for (int i = 0; i < count; i++) {
      for (int d = 0; d < DIM; d++) {
        int whole = (i * 7 + d * 13 + seed * 5 + i * i * d) * 37 % 101;
        values[i * DIM + d] = (float) (whole / 101.0 - 0.4);
      }
    }
    return values;
  }

  /** Ten of them are those before them once more. */
  private static float[] documents() {
    float[] documents = embeddings(2, DOCUMENTS);
    System.arraycopy(documents, 10 * DIM, documents, 20 * DIM, 10 * DIM);
    return documents;
  }

  private static float[] queries() {
    float[] own = embeddings(1, QUERIES);
    float[] documents = documents();
    float[] queries = new float[own.length];
    for (int i = 0; i < queries.length; i++) {
      int document = i / DIM * 11 % DOCUMENTS;
      queries[i] = (float) (0.55 * documents[document * DIM + i % DIM] + 0.45 * own[i]);
    }
    return queries;
  }

  private static int[] relevant(int query) {
    return IntStream.rangeClosed(0, query % 3)
        .map(j -> (query * 11 + 3 * j) % DOCUMENTS)
        .sorted()
        .toArray();
  }

  @Test
  void figuresAreThoseOfSentenceTransformers() {
    assertFigures(
        Similarity.COSINE,
        0.208333333333333,
        0.583333333333333,
        0.791666666666667,
        0.875,
        0.208333333333333,
        0.152777777777778,
        0.194444444444444,
        0.361111111111111,
        0.158333333333333,
        0.5,
        0.0916666666666667,
        0.548611111111111,
        0.429861111111111,
        0.38845593131904,
        0.291969162644983);
    assertFigures(
        Similarity.DOT,
        0.0833333333333333,
        0.333333333333333,
        0.541666666666667,
        0.791666666666667,
        0.0833333333333333,
        0.0625,
        0.111111111111111,
        0.152777777777778,
        0.108333333333333,
        0.319444444444444,
        0.0791666666666667,
        0.493055555555556,
        0.266484788359788,
        0.269384194042508,
        0.176244049449711);
    assertFigures(
        Similarity.EUCLIDEAN,
        0.333333333333333,
        0.458333333333333,
        0.583333333333333,
        0.708333333333333,
        0.333333333333333,
        0.236111111111111,
        0.152777777777778,
        0.319444444444444,
        0.116666666666667,
        0.388888888888889,
        0.075,
        0.458333333333333,
        0.433101851851852,
        0.372816063489183,
        0.317546258072633);
    assertFigures(
        Similarity.MANHATTAN,
        0.208333333333333,
        0.291666666666667,
        0.583333333333333,
        0.708333333333333,
        0.208333333333333,
        0.131944444444444,
        0.0972222222222222,
        0.215277777777778,
        0.116666666666667,
        0.388888888888889,
        0.075,
        0.458333333333333,
        0.331712962962963,
        0.308961931125092,
        0.238348789984403);
  }

  /** In the order of the evaluator's CSV file, whatever the blocks. */
  private static void assertFigures(Similarity similarity, double... expected) {
    for (int block : new int[] {1, 40, DOCUMENTS}) {
      int[][] best = search(similarity, block);
      double[] found = new double[expected.length];
      for (int query = 0; query < QUERIES; query++) {
        int[] relevant = relevant(query);
        boolean[] hits = new boolean[best[query].length];
        for (int place = 0; place < hits.length; place++) {
          hits[place] = Arrays.binarySearch(relevant, best[query][place]) >= 0;
        }
        for (int i = 0; i < found.length; i++) {
          found[i] += RetrievalMetric.ALL.get(i).of(hits, relevant.length) / QUERIES;
        }
      }
      assertArrayEquals(expected, found, 1e-12, similarity + " in blocks of " + block);
    }
  }

  private static int[][] search(Similarity similarity, int block) {
    TorchEngine.start(1);
    float[] documents = documents();
    try (Retrieval retrieval = new Retrieval(similarity, queries(), DIM)) {
      for (int from = 0; from < DOCUMENTS; from += block) {
        int to = Math.min(from + block, DOCUMENTS);
        retrieval.add(Arrays.copyOfRange(documents, from * DIM, to * DIM), to - from);
      }
      return IntStream.range(0, QUERIES).mapToObj(retrieval::best).toArray(int[][]::new);
    }
  }

  @Test
  void namesAreThoseOfTheEvaluator() {
    assertEquals(
        List.of(
            "Accuracy@1",
            "Accuracy@3",
            "Accuracy@5",
            "Accuracy@10",
            "Precision@1",
            "Recall@1",
            "Precision@3",
            "Recall@3",
            "Precision@5",
            "Recall@5",
            "Precision@10",
            "Recall@10",
            "MRR@10",
            "NDCG@10",
            "MAP@100"),
        RetrievalMetric.ALL.stream().map(RetrievalMetric::column).toList());
    assertEquals("ndcg@10", RetrievalMetric.ALL.get(13).key());
  }

  @Test
  void whatIsEquallyCloseStaysInItsOrder() {
    TopDocuments top = new TopDocuments(3);
    top.offer(new float[] {1, 2, 1, 2}, 0);
    top.offer(new float[] {1, 3, 1}, 4);
    assertArrayEquals(
        new int[] {5, 1, 3}, IntStream.range(0, top.size()).map(top::document).toArray());
  }

  @Test
  void tripletAccuracyIsThatOfSentenceTransformersAndATieIsAMiss() {
    float[] anchors = queries();
    float[] documents = documents();
    System.arraycopy(documents, 103 * DIM, documents, 3 * DIM, DIM); // a tie
    TripletScores scores = new TripletScores(QUERIES);
    for (int i = 0; i < QUERIES; i++) {
      scores.add(anchors, i * DIM, documents, i * DIM, documents, (100 + i) * DIM, DIM);
    }
    assertEquals(0.5416666666666666, scores.accuracy(Similarity.COSINE), 1e-15);
    assertEquals(0.5416666666666666, scores.accuracy(Similarity.DOT), 1e-15);
    assertEquals(0.5, scores.accuracy(Similarity.EUCLIDEAN), 1e-15);
    assertEquals(0.5, scores.accuracy(Similarity.MANHATTAN), 1e-15);
    assertEquals(0, scores.hits(Similarity.COSINE)[3]);
  }
}
