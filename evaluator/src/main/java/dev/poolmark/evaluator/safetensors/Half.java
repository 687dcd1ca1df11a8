package dev.poolmark.evaluator.safetensors;

/** IEEE 754 binary16, which the JDK converts only from version 20 on. */
public final class Half {

  private static final float LARGEST = 65504;

  private Half() {}

  /** The nearest half, ties to even; beyond the largest, which is 65504, that one. */
  public static short of(float value) {
    int bits = Float.floatToRawIntBits(value);
    int sign = bits >>> 16 & 0x8000;
    float magnitude = Math.min(Math.abs(value), LARGEST);
    if (magnitude < 0x1p-14f) { // subnormal: multiples of 2^-24
      return (short) (sign | (int) Math.rint(magnitude * 0x1p24));
    }
    int normal = Float.floatToRawIntBits(magnitude);
    // Rounds off 13 bits of the mantissa, ties to even; a carry runs into the exponent as it
    // should.
    int rounded = normal + 0xFFF + (normal >>> 13 & 1) >>> 13;
    return (short) (sign | rounded - (127 - 15 << 10));
  }

  /** Its value, exactly. */
  public static float toFloat(short half) {
    int sign = (half & 0x8000) << 16;
    int exponent = half >>> 10 & 0x1F;
    int mantissa = half & 0x3FF;
    float magnitude =
        exponent == 0
            ? mantissa * 0x1p-24f
            : Float.intBitsToFloat(exponent + 127 - 15 << 23 | mantissa << 13);
    return Float.intBitsToFloat(Float.floatToRawIntBits(magnitude) | sign);
  }
}
