package dev.poolmark.evaluator.torch;

import dev.poolmark.api.Init;
import dev.poolmark.api.TorchPooler;
import dev.poolmark.api.Weight;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Random;

/** The values of a pooler's weights before training, where there is no training data. */
public final class InitialWeights {

  private InitialWeights() {}

  /** The same seed gives the same weights, each independent of the others. */
  public static List<Tensor> of(TorchPooler pooler, long seed) {
    return pooler.weights().stream().map(weight -> of(weight, seed)).toList();
  }

  private static Tensor of(Weight weight, long seed) {
    Random random = new Random(seed * 31 + weight.name().hashCode());
    return new Tensor(weight.name(), weight.shape(), values(weight, random));
  }

  private static float[] values(Weight weight, Random random) {
    Init init = weight.init();
    if (init instanceof Init.Values given) {
      return given.values();
    }
    float[] values = new float[weight.size()];
    if (init instanceof Init.Constant constant) {
      Arrays.fill(values, constant.value());
    } else if (init instanceof Init.Normal normal) {
      for (int i = 0; i < values.length; i++) {
        values[i] = (float) (random.nextGaussian() * normal.std());
      }
    } else if (init instanceof Init.InverseDeviation) {
      Arrays.fill(values, 1);
    } else if (!(init instanceof Init.Center)) {
      fillOrthonormal(weight, values, random);
    }
    return values;
  }

  /** Random columns, made orthonormal one after the other (modified Gram–Schmidt). */
  private static void fillOrthonormal(Weight weight, float[] values, Random random) {
    if (weight.shape().size() != 2 || weight.shape().get(0) < weight.shape().get(1)) {
      throw new PoolerFault(
          String.format(
              Locale.ROOT,
              "weight '%s': principal axes need a shape (rows, columns) with no more columns than rows, found %s",
              weight.name(),
              weight.shape()));
    }
    int rows = weight.shape().get(0);
    int columns = weight.shape().get(1);
    double[][] axes = new double[columns][rows];
    for (int c = 0; c < columns; c++) {
      Arrays.setAll(axes[c], i -> random.nextGaussian());
      for (int before = 0; before < c; before++) {
        addScaled(axes[c], -dot(axes[c], axes[before]), axes[before]);
      }
      double norm = Math.sqrt(dot(axes[c], axes[c]));
      for (int r = 0; r < rows; r++) {
        axes[c][r] /= norm;
        values[r * columns + c] = (float) axes[c][r];
      }
    }
  }

  private static double dot(double[] a, double[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += a[i] * b[i];
    }
    return sum;
  }

  private static void addScaled(double[] a, double scale, double[] b) {
    for (int i = 0; i < a.length; i++) {
      a[i] += scale * b[i];
    }
  }
}
