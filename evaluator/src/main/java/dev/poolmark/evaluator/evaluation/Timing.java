package dev.poolmark.evaluator.evaluation;

import dev.poolmark.evaluator.score.ScoreFormula;
import dev.poolmark.evaluator.score.Setting;
import java.util.Locale;
import java.util.Objects;

/**
 * How time is taken.
 *
 * @param engine whose torch runs the poolers; a submission always runs in Python
 * @param protocol the one whose time counts
 * @param allProtocols whether all protocols are timed at all batch sizes besides
 * @param passes over the data, of the pooler and of the reference in turn; 1 gives no interval
 */
public record Timing(Engine engine, Protocol protocol, boolean allProtocols, int passes) {

  private static final int MOST_PASSES = 1000;

  public static final Timing DEFAULT = new Timing(Engine.JAVA, Protocol.FRESH, false, 5);

  public Timing {
    Objects.requireNonNull(engine, "engine");
    Objects.requireNonNull(protocol, "protocol");
    if (passes < 1 || passes > MOST_PASSES) {
      throw new IllegalArgumentException(
          String.format(Locale.ROOT, "passes are from 1 to %d, found %d", MOST_PASSES, passes));
    }
  }

  /** All protocols are timed where the formula is about others than the one that counts. */
  Timing asFormulaAsks(ScoreFormula formula, int batchSize) {
    Setting counting = new Setting(protocol.key(), batchSize);
    if (formula.settings().stream().allMatch(counting::equals)) {
      return this;
    }
    for (Setting asked : formula.settings()) {
      if (!asked.equals(counting) && !Condition.BATCH_SIZES.contains(asked.batchSize())) {
        throw new IllegalArgumentException(
            String.format(
                Locale.ROOT,
                "the formula is about batches of %d: expected %s, or --batch-size %d",
                asked.batchSize(),
                Condition.BATCH_SIZES,
                asked.batchSize()));
      }
    }
    return withAllProtocols();
  }

  /** The same, and all protocols besides. */
  public Timing withAllProtocols() {
    return new Timing(engine, protocol, true, passes);
  }
}
