package dev.poolmark.evaluator.worker;

import dev.poolmark.evaluator.batch.Tokens;
import java.util.List;
import java.util.Locale;

/**
 * What is to be pooled.
 *
 * @param pooler a spec
 * @param sentences one or more lists of them
 */
record PoolingRequest(String pooler, List<Tokens> sentences) {

  private static final int LONGEST_SPEC = 500;

  PoolingRequest {
    if (pooler.isEmpty() || pooler.length() > LONGEST_SPEC) {
      throw new BadTokensException(
          String.format(
              Locale.ROOT,
              "pooler: expected a spec of 1 to %d characters, found %d",
              LONGEST_SPEC,
              pooler.length()));
    } else if (pooler.chars().anyMatch(c -> c < ' ')) {
      throw new BadTokensException("pooler: expected a spec, found a control character in it");
    }
  }
}
