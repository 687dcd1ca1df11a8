package dev.poolmark.evaluator.training;

import dev.poolmark.api.Init;
import dev.poolmark.api.TorchPooler;
import dev.poolmark.api.Weight;
import dev.poolmark.evaluator.batch.BatchBuffer;
import dev.poolmark.evaluator.batch.StoreTokens;
import dev.poolmark.evaluator.batch.TokenBatch;
import dev.poolmark.evaluator.batch.Tokens;
import dev.poolmark.evaluator.dataset.Side;
import dev.poolmark.evaluator.torch.InitialWeights;
import dev.poolmark.evaluator.torch.PoolerFault;
import dev.poolmark.evaluator.torch.PrincipalAxes;
import dev.poolmark.evaluator.torch.Tensor;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The values of a pooler's weights before training: those that come from data, from the data. */
final class FittedWeights {

  /** More sentences would hardly move the axes. */
  private static final int MOST_SENTENCES = 20_000;

  /** Of directions, which have length 1: what rounding leaves of a dimension that is constant. */
  private static final double SMALLEST_DEVIATION = 1e-6;

  private final int dim;
  private final float[] directions;
  private final float[] center;

  private FittedWeights(int dim, float[] directions) {
    this.dim = dim;
    this.directions = directions;
    this.center = center(directions, dim);
  }

  /** The same data and seed give the same weights. */
  static List<Tensor> of(TorchPooler pooler, DataRows data, Initial initial, long seed) {
    FittedWeights fitted = new FittedWeights(data.store().dim(), directions(data));
    List<Tensor> random = InitialWeights.of(pooler, seed);
    List<Tensor> weights = new ArrayList<>();
    for (int i = 0; i < random.size(); i++) {
      Weight weight = pooler.weights().get(i);
      float[] values = fitted.values(weight, initial, random.get(i).values());
      weights.add(new Tensor(weight.name(), weight.shape(), values));
    }
    return weights;
  }

  private float[] values(Weight weight, Initial initial, float[] random) {
    if (weight.init() instanceof Init.Center) {
      requireVector(weight);
      return center.clone();
    } else if (weight.init() instanceof Init.InverseDeviation) {
      requireVector(weight);
      return inverseDeviations();
    } else if (weight.init() instanceof Init.Whitening whitening) {
      return axes(weight, PrincipalAxes.of(centered(), dim), whitening.power());
    } else if (weight.init() instanceof Init.PrincipalAxes) {
      return switch (initial) {
        case AXES -> axes(weight, PrincipalAxes.of(directions, dim), 0);
        case WHITENED ->
            asLongAsAxes(weight, axes(weight, PrincipalAxes.of(centered(), dim), 0.25));
        case STANDARDISED -> asLongAsAxes(weight, standardised(weight));
      };
    }
    return random;
  }

  /** Each dimension over its deviation, then the principal axes: one matrix. */
  private float[] standardised(Weight weight) {
    float[] scales = inverseDeviations();
    float[] scaled = centered();
    for (int i = 0; i < scaled.length; i++) {
      scaled[i] *= scales[i % dim];
    }
    float[] values = axes(weight, PrincipalAxes.of(scaled, dim), 0);
    int columns = weight.shape().get(1);
    for (int i = 0; i < values.length; i++) {
      values[i] *= scales[i / columns % dim];
    }
    return values;
  }

  /** So long as orthonormal columns are, which the learning rate is for. */
  private static float[] asLongAsAxes(Weight weight, float[] values) {
    double squares = 0;
    for (float value : values) {
      squares += (double) value * value;
    }
    double scale = Math.sqrt(weight.shape().get(1) / Math.max(squares, 1e-12));
    for (int i = 0; i < values.length; i++) {
      values[i] *= (float) scale;
    }
    return values;
  }

  private float[] inverseDeviations() {
    double[] squares = new double[dim];
    float[] centered = centered();
    for (int i = 0; i < centered.length; i++) {
      squares[i % dim] += (double) centered[i] * centered[i];
    }
    float[] inverse = new float[dim];
    for (int i = 0; i < dim; i++) {
      double deviation = Math.sqrt(squares[i] * dim / centered.length);
      inverse[i] = deviation > SMALLEST_DEVIATION ? (float) (1 / deviation) : 0;
    }
    return inverse;
  }

  /** Where there are several blocks of rows, as for several heads, each holds the same axes. */
  private float[] axes(Weight weight, PrincipalAxes axes, double power) {
    List<Integer> shape = weight.shape();
    int blocks = shape.get(0) / dim;
    require(
        weight,
        shape.size() == 2 && shape.get(0) % dim == 0 && shape.get(1) <= shape.get(0),
        String.format(
            Locale.ROOT, "(rows, columns), rows a multiple of %d, and no more columns", dim));
    int columns = shape.get(1);
    if (columns > dim) {
      throw new PoolerFault(
          String.format(
              Locale.ROOT,
              "weight '%s': expected at most %d columns, as many as there are principal axes, found %d",
              weight.name(),
              dim,
              columns));
    }
    float[] values = new float[weight.size()];
    for (int column = 0; column < columns; column++) {
      double scale = Math.pow(Math.max(axes.variance(column), 1e-12), -power) / Math.sqrt(blocks);
      for (int row = 0; row < blocks * dim; row++) {
        values[row * columns + column] = (float) (scale * axes.value(row % dim, column));
      }
    }
    return values;
  }

  private void requireVector(Weight weight) {
    require(weight, weight.shape().equals(List.of(dim)), String.format(Locale.ROOT, "(%d)", dim));
  }

  private static void require(Weight weight, boolean condition, String expected) {
    if (!condition) {
      throw new PoolerFault(
          String.format(
              Locale.ROOT,
              "weight '%s': expected a shape %s, found %s",
              weight.name(),
              expected,
              weight.shape()));
    }
  }

  private float[] centered() {
    float[] centered = directions.clone();
    for (int i = 0; i < centered.length; i++) {
      centered[i] -= center[i % dim];
    }
    return centered;
  }

  private static float[] center(float[] directions, int dim) {
    double[] sums = new double[dim];
    for (int i = 0; i < directions.length; i++) {
      sums[i % dim] += directions[i];
    }
    float[] center = new float[dim];
    for (int i = 0; i < dim; i++) {
      center[i] = (float) (sums[i] * dim / directions.length);
    }
    return center;
  }

  /** The normalised sums of the sentences' tokens, {@code (sentences, dim)}. */
  private static float[] directions(DataRows data) {
    int dim = data.store().dim();
    List<Side> sides = data.store().layout().sides();
    int rows = Math.min(data.size(), MOST_SENTENCES / sides.size());
    float[] directions = new float[Math.multiplyExact(sides.size() * rows, dim)];
    BatchBuffer buffer = new BatchBuffer();
    for (int i = 0; i < rows; i++) {
      int row = data.rows()[(int) ((long) i * data.size() / rows)];
      for (int side = 0; side < sides.size(); side++) {
        int offset = (sides.size() * i + side) * dim;
        Tokens sentence = StoreTokens.of(data.store(), sides.get(side), new int[] {row});
        TokenBatch tokens = buffer.fill(sentence, List.of(new int[] {0})).get(0);
        addDirection(tokens, directions, offset);
      }
    }
    return directions;
  }

  private static void addDirection(TokenBatch sentence, float[] directions, int offset) {
    int dim = sentence.dim();
    FloatBuffer tokens = sentence.buffer().asFloatBuffer();
    double[] sums = new double[dim];
    double squares = 0;
    for (int token = 0; token < sentence.seqLen(); token++) {
      for (int d = 0; d < dim; d++) {
        sums[d] += tokens.get(token * dim + d);
      }
    }
    for (double sum : sums) {
      squares += sum * sum;
    }
    double norm = Math.max(Math.sqrt(squares), 1e-12);
    for (int d = 0; d < dim; d++) {
      directions[offset + d] = (float) (sums[d] / norm);
    }
  }
}
