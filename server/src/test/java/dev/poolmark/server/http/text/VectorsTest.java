package dev.poolmark.server.http.text;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Random;
import org.junit.jupiter.api.Test;

class VectorsTest {

  @Test
  void theCosineOfEqualTextsIsExactlyOne() {
    Random random = new Random(1);
    for (int i = 0; i < 10_000; i++) {
      float[] values = new float[1 + random.nextInt(32)];
      for (int j = 0; j < values.length; j++) {
        values[j] = (float) random.nextGaussian() * (1 << random.nextInt(20));
      }
      assertEquals(1, Vectors.cosine(values, values.clone()), 0.0);
    }
  }

  @Test
  void theCosineOfNothingIsZero() {
    assertEquals(0, Vectors.cosine(new float[3], new float[] {1, 2, 3}), 0.0);
  }
}
