package dev.poolmark.server.http.text;

import dev.poolmark.server.http.answer.ApiException;
import java.util.Arrays;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** What is done to embeddings before they are sent, as sentence-transformers does it. */
final class Vectors {

  /** As torch's {@code normalize} has it. */
  private static final double EPSILON = 1e-12;

  private Vectors() {}

  /** The first of its numbers, all where the client didn't say how many. */
  static float[] shortened(float[] values, @Nullable Integer dimensions) {
    if (dimensions != null && dimensions > values.length) {
      throw ApiException.refused(
          String.format(
              Locale.ROOT, "dimensions: expected at most %d, found %d", values.length, dimensions));
    }
    return dimensions == null ? values : Arrays.copyOf(values, dimensions);
  }

  /** Of length 1. */
  static float[] normalized(float[] values) {
    double norm = Math.max(EPSILON, Math.sqrt(dot(values, values)));
    float[] unit = new float[values.length];
    for (int i = 0; i < unit.length; i++) {
      unit[i] = (float) (values[i] / norm);
    }
    return unit;
  }

  /** One root over both, not a root of each: so it is exactly 1 of two that are equal. */
  static double cosine(float[] one, float[] other) {
    double norms = Math.sqrt(dot(one, one) * dot(other, other));
    return Math.max(-1, Math.min(1, dot(one, other) / Math.max(EPSILON, norms)));
  }

  private static double dot(float[] one, float[] other) {
    double sum = 0;
    for (int i = 0; i < one.length; i++) {
      sum += (double) one[i] * other[i];
    }
    return sum;
  }
}
