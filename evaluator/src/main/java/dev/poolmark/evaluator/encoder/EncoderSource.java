package dev.poolmark.evaluator.encoder;

import dev.poolmark.evaluator.dataset.Side;
import java.io.IOException;

/** An encoder that is opened only where something new is to be encoded: that takes a while. */
public interface EncoderSource {

  /** Width of a token's embedding. */
  int dim();

  /** Names all that the embeddings depend on, besides the texts that are encoded. */
  String fingerprint() throws IOException;

  /** What the model wants to read before a sentence of this side; perhaps empty. */
  String prompt(Side side);

  /** Opens the encoder, which is the caller's to close. */
  PromptedEncoder open() throws IOException;
}
