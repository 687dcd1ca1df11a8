package dev.poolmark.evaluator.torch;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.AbstractBlock;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.nn.ParameterList;
import ai.djl.training.ParameterStore;
import ai.djl.util.Pair;
import ai.djl.util.PairList;
import dev.poolmark.api.BlockPooler;
import java.util.List;
import java.util.Locale;

/** A block that gets the weights it was trained to, once the host initialises it. */
public final class TrainedBlock extends AbstractBlock {

  private final Block block;
  private final List<Tensor> weights;

  private TrainedBlock(Block block, List<Tensor> weights) {
    this.block = addChildBlock("block", block);
    this.weights = List.copyOf(weights);
  }

  /**
   * @param weights all that the block has, in its order
   */
  public static BlockPooler of(BlockPooler pooler, List<Tensor> weights) {
    return new BlockPooler(new TrainedBlock(pooler.block(), weights), pooler.outputDim());
  }

  @Override
  protected void initializeChildBlocks(NDManager manager, DataType type, Shape... inputs) {
    block.initialize(manager, type, inputs);
    ParameterList parameters = block.getParameters();
    if (parameters.size() != weights.size()) {
      throw new PoolerFault(
          String.format(
              Locale.ROOT,
              "expected the block that was trained, with %d weights, found one with %d",
              weights.size(),
              parameters.size()));
    }
    for (int i = 0; i < weights.size(); i++) {
      set(parameters.get(i), weights.get(i));
    }
  }

  private static void set(Pair<String, Parameter> parameter, Tensor weight) {
    NDArray array = parameter.getValue().getArray();
    Shape shape = new Shape(weight.shape().stream().mapToLong(Integer::longValue).toArray());
    if (!parameter.getKey().equals(weight.name()) || !array.getShape().equals(shape)) {
      throw new PoolerFault(
          String.format(
              Locale.ROOT,
              "expected the block that was trained, with a weight '%s' %s, found '%s' %s",
              weight.name(),
              shape,
              parameter.getKey(),
              array.getShape()));
    }
    TrainablePooler.set(array, weight.values());
  }

  @Override
  protected NDList forwardInternal(
      ParameterStore store, NDList inputs, boolean training, PairList<String, Object> more) {
    return block.forward(store, inputs, training);
  }

  @Override
  public Shape[] getOutputShapes(Shape[] inputs) {
    return block.getOutputShapes(inputs);
  }
}
