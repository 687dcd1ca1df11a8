package dev.poolmark.evaluator.torch;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.IValue;
import java.nio.ByteBuffer;

/**
 * A batch of token embeddings as torch sees it, {@code (batch, seq, dim)}. It aliases the buffer,
 * which must not change before this is closed; closing also frees what poolers made of it.
 */
public final class TokenTensor implements AutoCloseable {

  private final NDManager manager;
  private final NDArray array;
  private final IValue input;
  private final long[] inputs;
  private final int batch;

  /**
   * @param tokens a direct buffer of native order, from its start: DJL ignores its position
   */
  public TokenTensor(ByteBuffer tokens, int batch, int seq, int dim) {
    this.batch = batch;
    manager = NDManager.newBaseManager("PyTorch");
    array = manager.create(tokens, new Shape(batch, seq, dim), DataType.FLOAT32);
    input = IValue.from((PtNDArray) array);
    inputs = new long[] {input.getHandle()};
  }

  NDArray array() {
    return array;
  }

  /** The arguments of a forward call, as libtorch takes them. */
  long[] inputs() {
    return inputs;
  }

  int batch() {
    return batch;
  }

  @Override
  public void close() {
    input.close();
    manager.close();
  }
}
