package dev.poolmark.evaluator.training;

import dev.poolmark.evaluator.dataset.Layout;
import dev.poolmark.evaluator.dataset.TokenStore;
import dev.poolmark.evaluator.dataset.TokenStoreWriter;
import dev.poolmark.evaluator.metric.Similarity;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Random;

/**
 * Sentences of one to eight tokens. Their meaning stands in the first three dimensions of some of
 * the tokens; as much that means nothing stands in the next three of all of them, and principal
 * axes can't tell one from the other: there is something to learn.
 */
public final class SyntheticPairs {

  private static final int MEANING = 3;

  private SyntheticPairs() {}

  public static TokenStore store(Path folder, int pairs, int dim, long seed) throws IOException {
    return store(folder, pairs, dim, seed, 0);
  }

  /**
   * @param common what all tokens have in their last dimension, as the tokens of encoders share a
   *     direction
   */
  static TokenStore store(Path folder, int pairs, int dim, long seed, float common)
      throws IOException {
    double[] labels = new double[pairs];
    Random random = new Random(seed);
    float[][] meanings = new float[pairs][MEANING];
    try (TokenStoreWriter writer = TokenStoreWriter.in(folder, Layout.PAIRS, dim)) {
      for (int i = 0; i < pairs; i++) {
        fill(meanings[i], 1, random);
        append(writer, meanings[i], dim, common, random);
      }
      writer.nextSide();
      for (int i = 0; i < pairs; i++) {
        labels[i] = random.nextInt(26) / 5.0;
        float[] other = new float[MEANING];
        fill(other, 1, random);
        double share = labels[i] / 5;
        for (int d = 0; d < MEANING; d++) {
          other[d] = (float) (share * meanings[i][d] + (1 - share) * other[d]);
        }
        append(writer, other, dim, common, random);
      }
      String sha256 = "synthetic-%d-%d-%d-%s".formatted(pairs, dim, seed, common);
      Path file = writer.commit(sha256 + ".safetensors", labels, "synthetic", sha256);
      return TokenStore.read(file, "synthetic");
    }
  }

  /** Triplets whose positives mean nearly the same, with margins by cosine of the meanings. */
  public static TokenStore triplets(Path folder, int rows, int dim, long seed) throws IOException {
    Random random = new Random(seed);
    float[][][] meanings = new float[3][rows][MEANING];
    double[] margins = new double[rows];
    for (int i = 0; i < rows; i++) {
      for (float[][] side : meanings) {
        fill(side[i], 1, random);
      }
      for (int d = 0; d < MEANING; d++) {
        meanings[1][i][d] = 0.8f * meanings[0][i][d] + 0.2f * meanings[1][i][d];
      }
      margins[i] =
          Similarity.COSINE.of(meanings[0][i], meanings[1][i])
              - Similarity.COSINE.of(meanings[0][i], meanings[2][i]);
    }
    try (TokenStoreWriter writer = TokenStoreWriter.in(folder, Layout.TRIPLETS, dim)) {
      for (int side = 0; side < 3; side++) {
        if (side > 0) {
          writer.nextSide();
        }
        for (float[] meaning : meanings[side]) {
          append(writer, meaning, dim, 0, random);
        }
      }
      String sha256 = "synthetic-triplets-%d-%d-%d".formatted(rows, dim, seed);
      Path file = writer.commit(sha256 + ".safetensors", margins, "triplets", sha256);
      return TokenStore.read(file, "triplets");
    }
  }

  private static void append(
      TokenStoreWriter writer, float[] meaning, int dim, float common, Random random)
      throws IOException {
    int length = 1 + random.nextInt(8);
    float[] tokens = new float[length * dim];
    fill(tokens, 0.3, random);
    float[] distraction = new float[MEANING];
    fill(distraction, 1, random);
    for (int token = 0; token < length; token++) {
      boolean tells = token == 0 || random.nextBoolean();
      for (int d = 0; d < MEANING && tells; d++) {
        tokens[token * dim + d] += meaning[d];
      }
      for (int d = 0; d < MEANING; d++) {
        tokens[token * dim + MEANING + d] += distraction[d];
      }
      tokens[token * dim + dim - 1] += common;
    }
    writer.append(tokens, length);
  }

  private static void fill(float[] values, double std, Random random) {
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) (std * random.nextGaussian());
    }
  }
}
