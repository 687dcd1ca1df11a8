package dev.poolmark.server.text;

import dev.poolmark.evaluator.text.TextModel;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;

/**
 * How texts are encoded.
 *
 * @param model what is known of the model before it is loaded
 * @param encoder a model folder of sentence-transformers; the bundled encoders where absent
 * @param pooler a spec, of which a file's is absolute; where absent, the folder's own pooling, or
 *     the mean
 * @param threads how many cores the encoder may use
 * @param maxBatchTokens about so many tokens are encoded at once
 * @param maxClientBatchSize how many texts one request may have
 * @param maxConcurrentRequests how many requests may be under way
 * @param autoTruncate whether a text that is too long is cut where its request says nothing of it
 */
public record EncoderOptions(
    TextModel.Description model,
    Optional<Path> encoder,
    Optional<String> pooler,
    int threads,
    int maxBatchTokens,
    int maxClientBatchSize,
    int maxConcurrentRequests,
    boolean autoTruncate) {

  /** How many texts one request may have whose answer has an embedding for each token. */
  public static final int MAX_TOKEN_BATCH_SIZE = 32;

  public EncoderOptions {
    check("--encoder-threads", threads);
    check("--max-batch-tokens", maxBatchTokens);
    check("--max-client-batch-size", maxClientBatchSize);
    check("--max-concurrent-requests", maxConcurrentRequests);
  }

  private static void check(String option, int value) {
    if (value < 1) {
      throw new IllegalArgumentException(
          String.format(Locale.ROOT, "%s: expected at least 1, found %d", option, value));
    }
  }
}
