package dev.poolmark.evaluator.safetensors;

/** The element types that are understood, little-endian, by their names in the header. */
public enum DType {
  BF16(2),
  F16(2),
  F32(4),
  F64(8),
  I64(8);

  private final int bytes;

  DType(int bytes) {
    this.bytes = bytes;
  }

  /** Bytes an element. */
  public int bytes() {
    return bytes;
  }
}
