package dev.poolmark.evaluator.retrieval;

import dev.poolmark.evaluator.metric.RetrievalMetric;
import dev.poolmark.evaluator.metric.Similarity;
import dev.poolmark.evaluator.torch.SimilarityMatrix;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * Searches documents for queries, block by block: held are the queries' embeddings, their best
 * documents, and one block of documents.
 */
public final class Retrieval implements AutoCloseable {

  private static final int QUERIES = 1024;

  private final SimilarityMatrix matrix;
  private final float[] queries;
  private final TopDocuments[] top;
  private int documents;

  /**
   * @param queries embeddings, one after the other
   * @param width of an embedding
   */
  public Retrieval(Similarity similarity, float[] queries, int width) {
    this.matrix = new SimilarityMatrix(similarity, width);
    this.queries = queries;
    this.top = new TopDocuments[queries.length / width];
    Arrays.setAll(top, query -> new TopDocuments(RetrievalMetric.DEEPEST));
  }

  /**
   * Adds the next documents; they are numbered from 0 in the order in which they are added.
   *
   * @param block embeddings, one after the other
   * @param size how many
   */
  public void add(float[] block, int size) {
    for (int from = 0; from < top.length; from += QUERIES) {
      int start = from;
      int count = Math.min(QUERIES, top.length - from);
      matrix.of(queries, from, count, block, size, scores -> offer(scores, start, count, size));
    }
    documents += size;
  }

  /** Each query looks at its own row, on all cores. */
  private void offer(FloatBuffer scores, int firstQuery, int count, int size) {
    IntStream.range(0, count)
        .parallel()
        .forEach(
            i -> {
              float[] row = new float[size];
              scores.get(i * size, row);
              top[firstQuery + i].offer(row, documents);
            });
  }

  /** The best documents of a query, at most 100, best first; ties by their numbers. */
  public int[] best(int query) {
    return IntStream.range(0, top[query].size()).map(top[query]::document).toArray();
  }

  @Override
  public void close() {
    matrix.close();
  }
}
