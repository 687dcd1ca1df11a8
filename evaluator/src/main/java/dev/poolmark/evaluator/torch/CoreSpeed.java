package dev.poolmark.evaluator.torch;

import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.ParameterStore;
import java.util.List;

/**
 * How fast libtorch reads and multiplies on the thread that asks: the two figures that bound every
 * pooler. The fastest of some passes counts, for others only ever add time.
 *
 * @param readGbPerSecond 10⁹ bytes a second, of memory that no cache holds
 * @param gflops 10⁹ float32 operations a second, in a product of large matrices
 */
public record CoreSpeed(double readGbPerSecond, double gflops) {

  private static final int PASSES = 5;
  private static final long FLOATS = 64L << 20;
  private static final int SIDE = 1024;

  /** Measures; takes about half a second, and 256 MiB for as long. */
  public static CoreSpeed measure() {
    TorchEngine.start(1);
    TorchEngine.prepareThread();
    try (NDManager manager = NDManager.newBaseManager("PyTorch")) {
      NDArray memory = manager.ones(new Shape(FLOATS), DataType.FLOAT32);
      double read = fastest("return torch.sum(x)", memory);
      memory.close();
      NDArray matrix = manager.ones(new Shape(SIDE, SIDE), DataType.FLOAT32);
      double product = fastest("return torch.matmul(x, x)", matrix);
      return new CoreSpeed(
          FLOATS * Float.BYTES / read / 1e9, 2.0 * SIDE * SIDE * SIDE / product / 1e9);
    }
  }

  /** Seconds of the fastest pass; the first one only makes libtorch ready. */
  private static double fastest(String line, NDArray x) {
    try (Model model = TrainablePooler.load(List.of("x"), List.of(line), List.of())) {
      double fastest = Double.POSITIVE_INFINITY;
      for (int pass = 0; pass <= PASSES; pass++) {
        long start = System.nanoTime();
        model
            .getBlock()
            .forward(new ParameterStore(x.getManager(), false), new NDList(x), false)
            .singletonOrThrow()
            .close();
        double seconds = (System.nanoTime() - start) / 1e9;
        fastest = pass == 0 ? fastest : Math.min(fastest, seconds);
      }
      return fastest;
    }
  }
}
