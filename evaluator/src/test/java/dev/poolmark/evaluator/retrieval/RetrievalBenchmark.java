package dev.poolmark.evaluator.retrieval;

import dev.poolmark.evaluator.metric.Similarity;
import dev.poolmark.evaluator.torch.SimilarityMatrix;
import dev.poolmark.evaluator.torch.TorchEngine;
import java.util.Arrays;
import java.util.Random;

/**
 * Searches random documents for random queries, beside libtorch's matrix products alone, in turn in
 * one run: the median of five rounds, in millions of comparisons a second.
 */
public final class RetrievalBenchmark {

  private static final int ROUNDS = 5;
  private static final int QUERIES = 1000;
  private static final int BLOCK = 4096;
  private static final int BLOCKS = 4;
  private static final int WIDTH = 384;

  private RetrievalBenchmark() {}

  public static void main(String[] args) {
    TorchEngine.start(Runtime.getRuntime().availableProcessors());
    float[] queries = random(QUERIES, 1);
    float[] block = random(BLOCK, 2);
    for (Similarity similarity : Similarity.values()) {
      double[] search = new double[ROUNDS];
      double[] product = new double[ROUNDS];
      for (int round = -1; round < ROUNDS; round++) { // the first one warms up
        double searched = seconds(() -> search(similarity, queries, block));
        double multiplied = seconds(() -> multiply(similarity, queries, block));
        if (round >= 0) {
          search[round] = searched;
          product[round] = multiplied;
        }
      }
      double millions = (double) QUERIES * BLOCK * BLOCKS / 1e6;
      System.out.printf(
          "%s: %d queries x %d documents, %d wide: %.0f million/s, libtorch alone %.0f (%.2f)%n",
          similarity.key(),
          QUERIES,
          BLOCK * BLOCKS,
          WIDTH,
          millions / median(search),
          millions / median(product),
          median(product) / median(search));
    }
  }

  private static void search(Similarity similarity, float[] queries, float[] block) {
    try (Retrieval retrieval = new Retrieval(similarity, queries, WIDTH)) {
      for (int i = 0; i < BLOCKS; i++) {
        retrieval.add(block, BLOCK);
      }
    }
  }

  private static void multiply(Similarity similarity, float[] queries, float[] block) {
    try (SimilarityMatrix matrix = new SimilarityMatrix(similarity, WIDTH)) {
      for (int i = 0; i < BLOCKS; i++) {
        matrix.of(queries, 0, QUERIES, block, BLOCK, similarities -> {});
      }
    }
  }

  private static double seconds(Runnable work) {
    long start = System.nanoTime();
    work.run();
    return (System.nanoTime() - start) / 1e9;
  }

  private static double median(double[] values) {
    return Arrays.stream(values).sorted().toArray()[values.length / 2];
  }

  private static float[] random(int count, long seed) {
    Random random = new Random(seed);
    float[] values = new float[count * WIDTH];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }
}
