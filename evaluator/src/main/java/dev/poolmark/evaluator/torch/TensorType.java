package dev.poolmark.evaluator.torch;

import dev.poolmark.evaluator.safetensors.Half;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Locale;

/** How the values of a tensor are stored in a state dict. */
public enum TensorType {
  FLOAT32("FloatStorage", Float.BYTES) {
    @Override
    void put(float value, ByteBuffer target) {
      target.putFloat(value);
    }

    @Override
    float rounded(float value) {
      return value;
    }
  },
  /** Half the bytes; torch widens it again when it is loaded into a float32 parameter. */
  FLOAT16("HalfStorage", Short.BYTES) {
    @Override
    void put(float value, ByteBuffer target) {
      target.putShort(Half.of(value));
    }

    @Override
    float rounded(float value) {
      return Half.toFloat(Half.of(value));
    }
  };

  private final String storage;
  private final int bytes;

  TensorType(String storage, int bytes) {
    this.storage = storage;
    this.bytes = bytes;
  }

  /** torch's name: {@code float16}. */
  public String key() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Bytes of a value. */
  public int bytes() {
    return bytes;
  }

  /** The tensor as a reader of this type gets it back. */
  public Tensor rounded(Tensor tensor) {
    float[] values = tensor.values().clone();
    for (int i = 0; i < values.length; i++) {
      values[i] = rounded(values[i]);
    }
    return new Tensor(tensor.name(), tensor.shape(), values);
  }

  /** The class in {@code torch} whose name stands in the pickle. */
  String storage() {
    return storage;
  }

  /** Little-endian. */
  byte[] bytes(float[] values) {
    ByteBuffer target = ByteBuffer.allocate(values.length * bytes).order(ByteOrder.LITTLE_ENDIAN);
    for (float value : values) {
      put(value, target);
    }
    return target.array();
  }

  abstract void put(float value, ByteBuffer target);

  abstract float rounded(float value);
}
