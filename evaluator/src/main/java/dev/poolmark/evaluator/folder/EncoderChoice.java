package dev.poolmark.evaluator.folder;

import dev.poolmark.evaluator.transformer.Layers;
import java.util.Optional;

/**
 * What of a folder's transformer is run.
 *
 * @param weights where absent, the first kind that there is
 */
public record EncoderChoice(Optional<WeightsKind> weights, Layers layers) {

  /** The last layer of whatever weights there are. */
  public static final EncoderChoice USUAL = new EncoderChoice(Optional.empty(), Layers.LAST);
}
