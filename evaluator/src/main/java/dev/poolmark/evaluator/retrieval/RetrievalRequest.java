package dev.poolmark.evaluator.retrieval;

import dev.poolmark.evaluator.dataset.TokenStore;
import dev.poolmark.evaluator.metric.Similarity;
import dev.poolmark.evaluator.plugin.PoolerSpec;
import java.util.List;
import java.util.Optional;

/**
 * What to rank.
 *
 * @param triplets open until the evaluation is done
 * @param documents what their anchors search, if there is a corpus
 * @param similarities by which they search it
 * @param poolers at least one
 */
public record RetrievalRequest(
    TokenStore triplets,
    Optional<Documents> documents,
    List<Similarity> similarities,
    List<PoolerSpec> poolers) {

  public RetrievalRequest {
    similarities = List.copyOf(similarities);
    poolers = List.copyOf(poolers);
    if (poolers.isEmpty() || similarities.isEmpty()) {
      throw new IllegalArgumentException("at least one pooler and one similarity, found none");
    }
  }
}
