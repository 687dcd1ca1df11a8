package dev.poolmark.evaluator.batch;

import dev.poolmark.evaluator.dataset.Layout;
import dev.poolmark.evaluator.dataset.TokenStore;
import dev.poolmark.evaluator.dataset.TokenStoreWriter;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Random;

/**
 * Rows of a few tokens, and one among them that is as long as a model of today reads: 8,192 tokens
 * of 1,024 numbers, 32 MiB. As many padded to it as a batch has are 2 GiB, and more than an int.
 */
public final class LongRows {

  public static final int TOKENS = 8192;
  public static final int DIM = 1024;
  public static final int ROWS = 70;

  /** Where the long one is, counted from 0. */
  public static final int LONG = 33;

  private LongRows() {}

  /** The store, and of each side the sum of each sentence's tokens, {@code (rows, dim)}. */
  public record Data(TokenStore store, float[][] sums, double[] numbers) implements AutoCloseable {
    @Override
    public void close() {
      store.close();
    }
  }

  /** The same each time; numbers are labels or margins, from 0 to 5. */
  public static Data of(Layout layout, Path folder) throws IOException {
    Random random = new Random(3);
    int sides = layout.sides().size();
    float[][] sums = new float[sides][];
    double[] numbers = random.doubles(ROWS, 0, 5).toArray();
    try (TokenStoreWriter writer = TokenStoreWriter.in(folder, layout, DIM)) {
      for (int side = 0; side < sides; side++) {
        if (side > 0) {
          writer.nextSide();
        }
        sums[side] = append(writer, random);
      }
      String name = "long-" + layout.key();
      Path file = writer.commit(name + ".safetensors", numbers, name, name);
      return new Data(TokenStore.read(file, name), sums, numbers);
    }
  }

  private static float[] append(TokenStoreWriter writer, Random random) throws IOException {
    float[] sums = new float[ROWS * DIM];
    for (int row = 0; row < ROWS; row++) {
      int length = row == LONG ? TOKENS : 1 + random.nextInt(4);
      float[] tokens = new float[length * DIM];
      double[] sum = new double[DIM];
      for (int i = 0; i < tokens.length; i++) {
        tokens[i] = random.nextFloat() - 0.5f;
        sum[i % DIM] += tokens[i];
      }
      writer.append(tokens, length);
      for (int d = 0; d < DIM; d++) {
        sums[row * DIM + d] = (float) sum[d];
      }
    }
    return sums;
  }
}
