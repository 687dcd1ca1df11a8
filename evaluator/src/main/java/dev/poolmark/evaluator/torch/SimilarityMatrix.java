package dev.poolmark.evaluator.torch;

import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.ParameterStore;
import dev.poolmark.evaluator.metric.Similarity;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.List;
import java.util.function.Consumer;

/**
 * How close each of some embeddings is to each of others, as sentence-transformers' {@code
 * cos_sim}, {@code dot_score}, {@code euclidean_sim} and {@code manhattan_sim} compute it: in
 * float32, by one call of libtorch. For one thread.
 */
public final class SimilarityMatrix implements AutoCloseable {

  private final Model model;
  private final int width;

  /**
   * Compiles it.
   *
   * @param width of the embeddings
   */
  public SimilarityMatrix(Similarity similarity, int width) {
    this.model =
        TrainablePooler.load(List.of("a: Tensor", "b: Tensor"), lines(similarity), List.of());
    this.width = width;
  }

  private static List<String> lines(Similarity similarity) {
    return switch (similarity) {
      case COSINE ->
          List.of(
              "a = torch.div(a, torch.clamp(torch.norm(a, 2, [1], True), 1e-12))",
              "b = torch.div(b, torch.clamp(torch.norm(b, 2, [1], True), 1e-12))",
              "return torch.matmul(a, torch.transpose(b, 0, 1))");
      case DOT -> List.of("return torch.matmul(a, torch.transpose(b, 0, 1))");
      case EUCLIDEAN -> List.of("return torch.neg(torch.cdist(a, b, 2.))");
      case MANHATTAN -> List.of("return torch.neg(torch.cdist(a, b, 1.))");
    };
  }

  /**
   * Computes a block.
   *
   * @param a embeddings, one after the other, of which {@code as} are taken, from {@code aFrom} on
   * @param b embeddings, of which the first {@code bs} are taken
   * @param result is handed the similarities {@code (as, bs)}, row-major, which last as long as the
   *     call
   */
  public void of(float[] a, int aFrom, int as, float[] b, int bs, Consumer<FloatBuffer> result) {
    TorchEngine.prepareThread();
    try (NDManager manager = NDManager.newBaseManager("PyTorch")) {
      NDList inputs = new NDList(matrix(manager, a, aFrom, as), matrix(manager, b, 0, bs));
      NDArray similarities =
          model
              .getBlock()
              .forward(new ParameterStore(manager, false), inputs, false)
              .singletonOrThrow();
      ByteBuffer bytes = similarities.toByteBuffer();
      result.accept(bytes.order(ByteOrder.nativeOrder()).asFloatBuffer());
    }
  }

  private NDArray matrix(NDManager manager, float[] values, int from, int rows) {
    FloatBuffer taken = FloatBuffer.wrap(values, from * width, rows * width);
    return manager.create(taken, new Shape(rows, width));
  }

  @Override
  public void close() {
    model.close();
  }
}
