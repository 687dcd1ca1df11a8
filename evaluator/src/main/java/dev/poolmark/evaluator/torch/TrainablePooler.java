package dev.poolmark.evaluator.torch;

import ai.djl.MalformedModelException;
import ai.djl.Model;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.pytorch.jni.JniUtils;
import ai.djl.training.GradientCollector;
import ai.djl.training.ParameterStore;
import dev.poolmark.api.BlockPooler;
import dev.poolmark.api.TorchPooler;
import dev.poolmark.api.Weight;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * A pooler whose weights can change, with the lines of a loss: libtorch's autograd gives the
 * gradients, what to do with them is the caller's. For one thread, and one in a process at a time:
 * DJL collects gradients once a process.
 */
public final class TrainablePooler implements AutoCloseable {

  private final Block block;
  private final int outputDim;
  private final AutoCloseable owner;
  private final Model loss;
  private final List<WeightArray> weights;

  /** A weight where torch has it. */
  private record WeightArray(String name, boolean trainable, NDArray array) {

    List<Integer> shape() {
      return Arrays.stream(array.getShape().getShape()).mapToObj(Math::toIntExact).toList();
    }

    Tensor tensor() {
      return new Tensor(name, shape(), array.toFloatArray());
    }
  }

  private TrainablePooler(
      Block block, int outputDim, AutoCloseable owner, Model loss, List<WeightArray> weights) {
    this.block = block;
    this.outputDim = outputDim;
    this.owner = owner;
    this.loss = loss;
    this.weights = weights;
  }

  /**
   * Compiles a pooler to be trained.
   *
   * @param weights the values to start from
   * @param lossLines over {@code e}, the embeddings {@code (sentences, output_dim)} in the order of
   *     the batch, and {@code y}, the labels {@code (rows)}; they return a scalar
   * @throws PoolerFault when libtorch can't compile it
   */
  public static TrainablePooler of(
      TorchPooler pooler, List<Tensor> weights, List<String> lossLines) {
    CompiledPooler.of(pooler.forward(), weights, pooler.outputDim()).close(); // for its findings
    Model model = load(List.of("x: Tensor"), pooler.forward(), weights);
    List<WeightArray> arrays = new ArrayList<>();
    for (Weight weight : pooler.weights()) {
      NDArray array = model.getBlock().getParameters().get(weight.name()).getArray();
      arrays.add(new WeightArray(weight.name(), weight.trainable(), array));
    }
    Model loss = loadLoss(lossLines);
    return new TrainablePooler(model.getBlock(), pooler.outputDim(), model, loss, arrays);
  }

  /**
   * Initialises a block of DJL to be trained.
   *
   * @param dim width of the token embeddings
   * @param seed of the initial weights
   * @param lossLines as for a pooler of lines
   * @throws PoolerFault when the block fails
   */
  public static TrainablePooler of(BlockPooler pooler, int dim, long seed, List<String> lossLines) {
    NDManager manager = CompiledPooler.initialise(pooler, dim, seed);
    List<WeightArray> arrays = new ArrayList<>();
    for (ai.djl.util.Pair<String, Parameter> entry : pooler.block().getParameters()) {
      Parameter parameter = entry.getValue();
      arrays.add(
          new WeightArray(entry.getKey(), parameter.requiresGradient(), parameter.getArray()));
    }
    Model loss = loadLoss(lossLines);
    return new TrainablePooler(pooler.block(), pooler.outputDim(), manager, loss, arrays);
  }

  /** The embeddings come in the order of the groups, {@code i} says where each sentence is. */
  private static Model loadLoss(List<String> lossLines) {
    List<String> lines = new ArrayList<>(List.of("e = torch.index_select(e, 0, i)"));
    lines.addAll(lossLines);
    return load(List.of("e: Tensor", "i: Tensor", "y: Tensor"), lines, List.of());
  }

  static Model load(List<String> inputs, List<String> forward, List<Tensor> weights) {
    Model model = Model.newInstance("pooler", "PyTorch");
    Path archive = null;
    try {
      archive = Files.createTempFile("poolmark-", ".pt");
      TorchArchive.writeScript(archive, inputs, forward, weights);
      Map<String, String> trainable = Map.of("trainParam", "true");
      model.load(archive.getParent(), archive.getFileName().toString(), trainable);
      return model;
    } catch (IOException e) {
      model.close();
      throw new UncheckedIOException(e);
    } catch (MalformedModelException | RuntimeException e) {
      model.close();
      throw new PoolerFault(PoolerFault.reason(e), e);
    } finally {
      CompiledPooler.deleteTemporary(archive);
    }
  }

  /** The weights with their present values, always in the same order. */
  public List<Tensor> weights() {
    JniUtils.setGradMode(false);
    return weights.stream().map(WeightArray::tensor).toList();
  }

  /** A weight's present values: a forward pass may change them itself, as running statistics. */
  public float[] values(int weight) {
    JniUtils.setGradMode(false);
    return weights.get(weight).array().toFloatArray();
  }

  /** Which of the weights gradients change. */
  public List<Boolean> trainable() {
    return weights.stream().map(WeightArray::trainable).toList();
  }

  /** Seeds what is random in a forward pass, as dropout is. */
  public void seed(long seed) {
    Engine.getEngine("PyTorch").setRandomSeed((int) seed);
  }

  /**
   * One forward and one backward pass.
   *
   * @param tokens the sentences of the batch
   * @param labels as many as there are rows of sentences
   * @param gradients receives the gradient of each weight, in the order of the weights
   * @return the loss
   */
  public float step(GroupedTokens tokens, float[] labels, List<float[]> gradients) {
    NDManager room = tokens.groups().get(0).array().getManager();
    try (GradientCollector collector = Engine.getEngine("PyTorch").newGradientCollector()) {
      NDList embeddings = new NDList();
      for (TokenTensor group : tokens.groups()) {
        NDArray e = forward(block, new NDList(group.array()), true);
        checkShape(e, group.batch());
        embeddings.add(e);
      }
      NDArray e = embeddings.size() == 1 ? embeddings.get(0) : NDArrays.concat(embeddings, 0);
      NDArray i = room.create(tokens.positions());
      NDArray y = room.create(labels);
      NDArray value = forward(loss.getBlock(), new NDList(e, i, y), true);
      collector.backward(value);
      takeGradients(gradients);
      return value.toFloatArray()[0];
    } catch (PoolerFault fault) {
      throw fault;
    } catch (Throwable e) {
      throw new PoolerFault("its training step failed: " + PoolerFault.reason(e), e);
    }
  }

  private void checkShape(NDArray embeddings, int batch) {
    Shape expected = new Shape(batch, outputDim);
    if (!embeddings.getShape().equals(expected)) {
      throw new PoolerFault(
          String.format(
              Locale.ROOT,
              "expected embeddings of shape %s, found %s",
              expected,
              embeddings.getShape()));
    }
  }

  /** A weight that the pooler doesn't use has no gradient: zeros. */
  private void takeGradients(List<float[]> gradients) {
    JniUtils.setGradMode(false);
    for (int i = 0; i < weights.size(); i++) {
      float[] target = gradients.get(i);
      Optional<NDArray> gradient = gradient(weights.get(i).array());
      if (gradient.isEmpty()) {
        Arrays.fill(target, 0);
        continue;
      }
      try (NDArray g = gradient.get()) {
        System.arraycopy(g.toFloatArray(), 0, target, 0, target.length);
        g.muli(0); // torch adds up; and NaN ends the training
      }
    }
  }

  private static Optional<NDArray> gradient(NDArray weight) {
    try {
      return Optional.ofNullable(weight.getGradient());
    } catch (NullPointerException | IllegalStateException e) {
      return Optional.empty();
    }
  }

  /** Sets the values of all weights, in their order. */
  public void setWeights(List<float[]> values) {
    for (int i = 0; i < weights.size(); i++) {
      set(weights.get(i).array(), values.get(i));
    }
  }

  static void set(NDArray weight, float[] values) {
    JniUtils.setGradMode(false);
    try (NDArray array = weight.getManager().create(values, weight.getShape())) {
      weight.muli(0).addi(array); // in place, as autograd needs it; set() would swap storages
    }
  }

  /** The embeddings as in scoring: without dropout, without a graph. */
  public EmbeddingTensor embed(TokenTensor tokens) {
    TorchEngine.prepareThread();
    return new EmbeddingTensor(forward(block, new NDList(tokens.array()), false));
  }

  private static NDArray forward(Block block, NDList inputs, boolean training) {
    NDManager manager = inputs.get(0).getManager();
    return block.forward(new ParameterStore(manager, false), inputs, training).singletonOrThrow();
  }

  @Override
  public void close() {
    loss.close();
    CompiledPooler.close(owner);
  }
}
