package dev.poolmark.evaluator.torch;

import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.ParameterStore;
import java.util.List;

/** The eigenvectors of {@code xᵀx / n}, strongest first, found by libtorch's LAPACK. */
public final class PrincipalAxes {

  private static final List<String> LINES =
      List.of(
          "v, u = torch.linalg_eigh(torch.div(torch.matmul(torch.transpose(x, 0, 1), x), x.size(0)))",
          "return torch.flip(torch.cat([torch.unsqueeze(v, 0), u], 0), [1])");

  private final int dim;
  private final float[] variancesAndAxes;

  private PrincipalAxes(int dim, float[] variancesAndAxes) {
    this.dim = dim;
    this.variancesAndAxes = variancesAndAxes;
  }

  /**
   * @param rows {@code (n, dim)}
   */
  public static PrincipalAxes of(float[] rows, int dim) {
    TorchEngine.prepareThread();
    try (Model model = TrainablePooler.load(List.of("x: Tensor"), LINES, List.of())) {
      NDManager manager = model.getNDManager();
      NDArray x = manager.create(rows, new Shape(rows.length / dim, dim));
      NDList result =
          model.getBlock().forward(new ParameterStore(manager, false), new NDList(x), false);
      return new PrincipalAxes(dim, result.singletonOrThrow().toFloatArray());
    }
  }

  /** The mean square of the rows along an axis. */
  public double variance(int axis) {
    return variancesAndAxes[axis];
  }

  /** A value of an axis, which has length 1. */
  public double value(int row, int axis) {
    return variancesAndAxes[(row + 1) * dim + axis];
  }
}
