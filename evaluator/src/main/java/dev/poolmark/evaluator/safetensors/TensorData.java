package dev.poolmark.evaluator.safetensors;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** A tensor in memory, row-major. */
public sealed interface TensorData {

  /** Sizes of the dimensions, outermost first. */
  List<Long> shape();

  /** The type that it is written as. */
  DType dtype();

  /** Number of elements. */
  int elements();

  /** Puts the elements from {@code from} on, {@code count} of them, in the buffer's byte order. */
  void put(int from, int count, ByteBuffer target);

  /** Written as F32. */
  record Floats(List<Long> shape, float[] values) implements TensorData {
    public Floats {
      shape = checked(shape, values.length);
    }

    @Override
    public DType dtype() {
      return DType.F32;
    }

    @Override
    public int elements() {
      return values.length;
    }

    @Override
    public void put(int from, int count, ByteBuffer target) {
      target.asFloatBuffer().put(values, from, count);
      target.position(target.position() + count * Float.BYTES);
    }
  }

  /** Written as F64. */
  record Doubles(List<Long> shape, double[] values) implements TensorData {
    public Doubles {
      shape = checked(shape, values.length);
    }

    @Override
    public DType dtype() {
      return DType.F64;
    }

    @Override
    public int elements() {
      return values.length;
    }

    @Override
    public void put(int from, int count, ByteBuffer target) {
      target.asDoubleBuffer().put(values, from, count);
      target.position(target.position() + count * Double.BYTES);
    }
  }

  /** Written as I64. */
  record Longs(List<Long> shape, long[] values) implements TensorData {
    public Longs {
      shape = checked(shape, values.length);
    }

    @Override
    public DType dtype() {
      return DType.I64;
    }

    @Override
    public int elements() {
      return values.length;
    }

    @Override
    public void put(int from, int count, ByteBuffer target) {
      target.asLongBuffer().put(values, from, count);
      target.position(target.position() + count * Long.BYTES);
    }
  }

  /** An F32 tensor of the given shape. */
  static TensorData of(float[] values, long... shape) {
    return new Floats(Arrays.stream(shape).boxed().toList(), values);
  }

  /** An F64 tensor of the given shape. */
  static TensorData of(double[] values, long... shape) {
    return new Doubles(Arrays.stream(shape).boxed().toList(), values);
  }

  /** An I64 tensor of the given shape. */
  static TensorData of(long[] values, long... shape) {
    return new Longs(Arrays.stream(shape).boxed().toList(), values);
  }

  private static List<Long> checked(List<Long> shape, int elements) {
    long expected = shape.stream().reduce(1L, Math::multiplyExact);
    if (expected != elements) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT, "shape %s has %d elements, found %d", shape, expected, elements));
    }
    return List.copyOf(shape);
  }
}
