package dev.poolmark.evaluator.training;

import dev.poolmark.api.BlockPooler;
import dev.poolmark.api.TorchPooler;
import dev.poolmark.api.Weight;
import dev.poolmark.evaluator.contest.Contest;
import dev.poolmark.evaluator.contest.OverSizeLimitException;
import dev.poolmark.evaluator.files.BadDataException;
import dev.poolmark.evaluator.plugin.BadSpecException;
import dev.poolmark.evaluator.plugin.SpecifiedPooler;
import dev.poolmark.evaluator.plugin.TrainedModel;
import dev.poolmark.evaluator.torch.TrainedBlock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Objects;

/**
 * What to train on what.
 *
 * @param pooler the pooler with its initial weights
 * @param dev pairs that choose the epoch that is kept
 * @param out the folder for the model
 * @param resume whether to go on where an interrupted training with the same request stopped
 */
public record TrainingRequest(
    SpecifiedPooler pooler,
    DataRows train,
    DataRows dev,
    TrainingSettings settings,
    Path out,
    boolean resume) {

  /** What is trained where nobody says which: it is good on tuned and on raw tokens. */
  public static final String USUAL_POOLER = "attention:output_dim=256";

  /**
   * @throws BadSpecException when the pooler has nothing to train
   * @throws OverSizeLimitException when its weights are too large
   * @throws BadDataException when the data can't teach anything
   */
  public TrainingRequest {
    Objects.requireNonNull(settings, "settings");
    checkFolder(out);
    checkTrainable(pooler);
    train.check("training");
    dev.check("dev");
    train.check(settings.loss());
    if (train.store().dim() != dev.store().dim()) {
      throw new BadDataException(
          Path.of(dev.store().name()),
          String.format(
              Locale.ROOT,
              "token embeddings as wide as the training data's, %d",
              train.store().dim()),
          Integer.toString(dev.store().dim()));
    }
  }

  /** Before minutes are spent on a model that can't be written. */
  private static void checkFolder(Path out) {
    Path there = out.toAbsolutePath();
    while (!Files.exists(there)) {
      there = Objects.requireNonNull(there.getParent(), "the root folder is there");
    }
    if (!Files.isDirectory(there)) {
      throw new BadDataException(out, "a folder for the model", "the file " + there);
    }
    if (!Files.isWritable(there)) {
      throw new BadDataException(out, "a folder that can be written to", there + ", read-only");
    }
  }

  private static void checkTrainable(SpecifiedPooler pooler) {
    if (pooler.pooler() instanceof TorchPooler lines) {
      checkSize(pooler, lines.weights().stream().mapToLong(Weight::size).sum());
    } else if (pooler.pooler() instanceof BlockPooler block
        && block.block() instanceof TrainedBlock) {
      throw new BadSpecException(
          String.format(
              Locale.ROOT,
              "pooler '%s': expected a block of a plugin to train, found one that is trained",
              pooler.spec()));
    } else if (!(pooler.pooler() instanceof BlockPooler)) {
      throw new BadSpecException(
          String.format(
              Locale.ROOT,
              "pooler '%s': expected forward lines or a block to train, found a %s",
              pooler.spec(),
              pooler.pooler().getClass().getSimpleName()));
    }
  }

  /** What a block has is known once it is initialised. */
  void checkSize(long parameters) {
    checkSize(pooler, parameters);
  }

  private static void checkSize(SpecifiedPooler pooler, long parameters) {
    if (parameters == 0) {
      throw new BadSpecException(
          String.format(
              Locale.ROOT, "pooler '%s': expected weights to train, found none", pooler.spec()));
    }
    long bytes = parameters * Float.BYTES;
    Contest.checkSize(String.format(Locale.ROOT, "pooler '%s'", pooler.spec()), bytes);
  }

  /** Width of the sentence embeddings. */
  int outputDim() {
    return pooler.pooler() instanceof TorchPooler lines
        ? lines.outputDim()
        : ((BlockPooler) pooler.pooler()).outputDim();
  }

  /** What the weights are for. */
  TrainedModel.Architecture architecture() {
    return pooler.pooler() instanceof TorchPooler lines
        ? new TrainedModel.Lines(lines.forward())
        : new TrainedModel.DjlBlock(((BlockPooler) pooler.pooler()).block().getClass().getName());
  }
}
