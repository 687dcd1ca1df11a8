package dev.poolmark.evaluator.evaluation;

import dev.poolmark.api.BlockPooler;
import dev.poolmark.api.Init;
import dev.poolmark.api.Pooler;
import dev.poolmark.api.PoolerOptions;
import dev.poolmark.api.TorchPooler;
import dev.poolmark.api.Weight;
import dev.poolmark.evaluator.contest.Contest;
import dev.poolmark.evaluator.plugin.TestPooler;
import java.util.List;

/** Poolers that go wrong, each in its own way; {@link Slow} merely takes its time. */
final class MisbehavingPoolers {

  private MisbehavingPoolers() {}

  public static final class Throwing extends TestPooler {
    public Throwing() {
      super("throwing", "return torch.matmul(x, torch.sum(x, [7]))");
    }
  }

  public static final class WrongShape extends TestPooler {
    public WrongShape() {
      super("wrong_shape", "return x");
    }
  }

  public static final class NotANumber extends TestPooler {
    public NotANumber() {
      super("not_a_number", "return torch.div(torch.sum(x, [1]), 0)");
    }
  }

  /** As wide as the longest sentence of the batch. */
  public static final class ChangingWidth extends TestPooler {
    public ChangingWidth() {
      super("changing_width", "return torch.sum(x, [2])");
    }
  }

  public static final class NoLine extends TestPooler {
    public NoLine() {
      super("no_line", "return torch.summ(x, [1])");
    }
  }

  public static final class CreateThrows extends TestPooler {
    public CreateThrows() {
      super("create_throws", "");
    }

    @Override
    public Pooler create(PoolerOptions options) {
      throw new IllegalStateException("nothing works today");
    }
  }

  public static final class TooBig extends TestPooler {
    public TooBig() {
      super("too_big", "");
    }

    @Override
    public Pooler create(PoolerOptions options) {
      int columns = (int) (Contest.SIZE_LIMIT / Float.BYTES / options.inputDim()) + 1;
      return new TorchPooler(
          List.of("return torch.matmul(torch.sum(x, [1]), self.p)"),
          List.of(Weight.of("p", Init.ones(), options.inputDim(), columns)),
          columns);
    }
  }

  /** Takes some milliseconds a pass. */
  public static final class Slow extends TestPooler {
    public Slow() {
      super("slow", "");
    }

    @Override
    public Pooler create(PoolerOptions options) {
      return TorchPooler.of(
          options.inputDim(),
          "y = torch.ones([200, 200])",
          "i = 0",
          "while i < 20:",
          "  y = torch.matmul(y, y)",
          "  i = i + 1",
          "return torch.add(torch.sum(x, [1]), torch.mul(torch.clamp(torch.sum(y), 0, 0), 0))");
    }
  }

  /** Fails an assertion in the middle of a forward pass. */
  public static final class BlockThrows extends TestPooler {
    public BlockThrows() {
      super("block_throws", "");
    }

    @Override
    public Pooler create(PoolerOptions options) {
      return new BlockPooler(
          new ai.djl.nn.LambdaBlock(
              x -> {
                throw new AssertionError("not today");
              }),
          options.inputDim());
    }
  }

  /** Well behaved: what torch lines can't say, as a block of DJL. */
  public static final class Block extends TestPooler {
    public Block() {
      super("block", "");
    }

    @Override
    public Pooler create(PoolerOptions options) {
      return new BlockPooler(
          new ai.djl.nn.LambdaBlock(x -> new ai.djl.ndarray.NDList(x.get(0).sum(new int[] {1}))),
          options.inputDim());
    }
  }
}
