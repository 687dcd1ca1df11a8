package dev.poolmark.evaluator.encoder;

import java.io.IOException;
import java.nio.FloatBuffer;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** The network behind a tokenizer: rows of ids to a hidden state for each. */
public sealed interface TokenModel extends AutoCloseable
    permits OnnxModel, TorchScriptModel, TorchModel {

  /** What models of the BERT family take, of which one may take fewer. */
  List<String> INPUTS = List.of("input_ids", "attention_mask", "token_type_ids");

  /** The inputs it takes, of {@link #INPUTS}. */
  List<String> inputs();

  /** Width of a hidden state. */
  int dim();

  /** Ids that it has an embedding for are below this, where that can be told. */
  default long vocabularySize() {
    return Long.MAX_VALUE;
  }

  /** So many threads may run batches at once: 1 where a batch itself runs on all cores. */
  default int lanes() {
    return 1;
  }

  /**
   * Runs one batch.
   *
   * @param ids a matrix (batch, seq), row-major, for each of the inputs
   * @param hidden is handed the states (batch, seq, dim), row-major, which last as long as the call
   */
  void run(Map<String, long[]> ids, int batch, int seq, Consumer<FloatBuffer> hidden);

  @Override
  void close();

  /** Loads a model. */
  @FunctionalInterface
  interface Source {
    TokenModel open() throws IOException;
  }
}
