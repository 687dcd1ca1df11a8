package dev.poolmark.evaluator.torch;

import java.util.List;
import java.util.Locale;

/**
 * A named float32 tensor, contiguous and row-major.
 *
 * @param name as the forward lines read it
 * @param shape its sizes; empty for a scalar
 * @param values as many as the sizes' product
 */
public record Tensor(String name, List<Integer> shape, float[] values) {

  public Tensor {
    shape = List.copyOf(shape);
    long size = shape.stream().mapToLong(Integer::longValue).reduce(1, Math::multiplyExact);
    if (size != values.length) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "tensor '%s' of shape %s: expected %d values, found %d",
              name,
              shape,
              size,
              values.length));
    }
  }

  public long bytes() {
    return (long) values.length * Float.BYTES;
  }
}
