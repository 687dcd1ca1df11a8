package dev.poolmark.evaluator.safetensors;

import java.util.List;
import java.util.Locale;

/**
 * A tensor as the header tells of it.
 *
 * @param dtype type of the elements
 * @param shape sizes of the dimensions, outermost first; empty for a scalar
 * @param begin first byte, counted from the end of the header
 * @param end byte after the last
 */
public record TensorInfo(DType dtype, List<Long> shape, long begin, long end) {

  public TensorInfo {
    shape = List.copyOf(shape);
    if (begin < 0 || end < begin) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT, "data_offsets are expected to rise from 0, found [%d, %d]", begin, end));
    }
    if (end - begin != byteSize(dtype, shape)) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "%s of shape %s takes %d bytes, found data_offsets [%d, %d]",
              dtype,
              shape,
              byteSize(dtype, shape),
              begin,
              end));
    }
  }

  /** A tensor whose bytes start at {@code begin}. */
  static TensorInfo at(long begin, DType dtype, List<Long> shape) {
    return new TensorInfo(dtype, shape, begin, Math.addExact(begin, byteSize(dtype, shape)));
  }

  /** Number of elements. */
  public long elements() {
    return (end - begin) / dtype.bytes();
  }

  private static long byteSize(DType dtype, List<Long> shape) {
    long size = dtype.bytes();
    for (long dimension : shape) {
      if (dimension < 0) {
        throw new IllegalArgumentException("a shape has no negative sizes, found " + shape);
      }
      try {
        size = Math.multiplyExact(size, dimension);
      } catch (ArithmeticException e) {
        throw new IllegalArgumentException("shape " + shape + " is larger than any file", e);
      }
    }
    return size;
  }
}
