package dev.poolmark.evaluator.metric;

import java.util.Arrays;

/**
 * Whether each anchor is closer to its positive than to its negative, as sentence-transformers'
 * {@code TripletEvaluator} counts it: a tie is a miss.
 */
public final class TripletScores {

  private static final int COUNT = Similarity.values().length;

  private final double[][] hits;
  private final double[] positive = new double[COUNT];
  private final double[] negative = new double[COUNT];
  private int size;
  private double margins;

  /** Room for so many triplets. */
  public TripletScores(int triplets) {
    hits = new double[COUNT][triplets];
  }

  /** Adds a triplet of embeddings of one width, each a part of an array. */
  public void add(float[] a, int aOffset, float[] p, int pOffset, float[] n, int nOffset, int dim) {
    Similarity.all(a, aOffset, p, pOffset, dim, positive);
    Similarity.all(a, aOffset, n, nOffset, dim, negative);
    for (int i = 0; i < COUNT; i++) {
      hits[i][size] = positive[i] > negative[i] ? 1 : 0;
    }
    int cosine = Similarity.COSINE.ordinal();
    margins += positive[cosine] - negative[cosine];
    size++;
  }

  /** How many triplets there are. */
  public int size() {
    return size;
  }

  /** 1 for a hit, 0 for a miss, of each triplet. */
  public double[] hits(Similarity similarity) {
    return Arrays.copyOf(hits[similarity.ordinal()], size);
  }

  /** The share of hits, from 0 to 1; NaN where there are no triplets. */
  public double accuracy(Similarity similarity) {
    return Arrays.stream(hits[similarity.ordinal()]).limit(size).sum() / size;
  }

  /** By how much the cosine of the positives is above that of the negatives, on average. */
  public double meanCosineMargin() {
    return margins / size;
  }
}
