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

  private final int dim;
  private final float[] directions;
  private final float[] center;

  private FittedWeights(int dim, float[] directions) {
    this.dim = dim;
    this.directions = directions;
    this.center = center(directions, dim);
  }

  /** The same data and seed give the same weights. */
  static List<Tensor> of(TorchPooler pooler, DataRows data, long seed) {
    FittedWeights fitted = new FittedWeights(data.store().dim(), directions(data));
    List<Tensor> random = InitialWeights.of(pooler, seed);
    List<Tensor> weights = new ArrayList<>();
    for (int i = 0; i < random.size(); i++) {
      Weight weight = pooler.weights().get(i);
      float[] values = fitted.values(weight, random.get(i).values());
      weights.add(new Tensor(weight.name(), weight.shape(), values));
    }
    return weights;
  }

  private float[] values(Weight weight, float[] random) {
    if (weight.init() instanceof Init.Center) {
      require(weight, weight.shape().equals(List.of(dim)), String.format(Locale.ROOT, "(%d)", dim));
      return center.clone();
    } else if (weight.init() instanceof Init.PrincipalAxes) {
      return axes(weight, PrincipalAxes.of(directions, dim), 0);
    } else if (weight.init() instanceof Init.Whitening whitening) {
      return axes(weight, PrincipalAxes.of(centered(), dim), whitening.power());
    }
    return random;
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
