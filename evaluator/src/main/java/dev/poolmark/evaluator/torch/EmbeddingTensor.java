package dev.poolmark.evaluator.torch;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.Locale;

/** Sentence embeddings as a pooler returned them; valid until their {@link TokenTensor} closes. */
public final class EmbeddingTensor {

  private final NDArray array;

  EmbeddingTensor(NDArray array) {
    this.array = array;
  }

  /**
   * The embeddings, {@code (batch, dim)} row-major.
   *
   * @param batch how many sentences went in
   * @param dim the width that is expected
   * @throws PoolerFault on another type or shape, and on NaN or infinity
   */
  public float[] values(int batch, int dim) {
    Shape shape = array.getShape();
    if (!shape.equals(new Shape(batch, dim))) {
      throw new PoolerFault(
          String.format(
              Locale.ROOT, "expected embeddings of shape (%d, %d), found %s", batch, dim, shape));
    }
    if (array.getDataType() != DataType.FLOAT32) {
      throw new PoolerFault(
          "expected float32 embeddings, found "
              + array.getDataType().toString().toLowerCase(Locale.ROOT));
    }
    float[] values = array.toFloatArray();
    for (int i = 0; i < values.length; i++) {
      if (!Float.isFinite(values[i])) {
        throw new PoolerFault(
            String.format(
                Locale.ROOT,
                "expected finite embeddings, found %s in column %d of sentence %d of the batch",
                values[i],
                i % dim + 1,
                i / dim + 1));
      }
    }
    return values;
  }

  /**
   * The width of the embeddings.
   *
   * @throws PoolerFault unless the shape is {@code (batch, width)}
   */
  public int dim(int batch) {
    Shape shape = array.getShape();
    if (shape.dimension() != 2 || shape.get(0) != batch || shape.get(1) < 1) {
      throw new PoolerFault(
          String.format(
              Locale.ROOT,
              "expected embeddings of shape (%d, output_dim), found %s",
              batch,
              shape));
    }
    return Math.toIntExact(shape.get(1));
  }
}
