package dev.poolmark.evaluator.safetensors;

/** The element types that are understood, little-endian, by their names in the header. */
public enum DType {
  BF16(2) {
    @Override
    public float widened(short bits) {
      return Float.intBitsToFloat(bits << 16);
    }
  },
  F16(2) {
    @Override
    public float widened(short bits) {
      return Half.toFloat(bits);
    }
  },
  F32(4),
  F64(8),
  I64(8),
  I32(4),
  I16(2),
  I8(1),
  U8(1),
  BOOL(1);

  private final int bytes;

  DType(int bytes) {
    this.bytes = bytes;
  }

  /** Bytes an element. */
  public int bytes() {
    return bytes;
  }

  /** The number that these two bytes are, for the two floats that have so many. */
  public float widened(short bits) {
    throw new IllegalStateException(this + " has no two bytes that are a float");
  }
}
