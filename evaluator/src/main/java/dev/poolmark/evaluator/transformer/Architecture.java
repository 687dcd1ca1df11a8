package dev.poolmark.evaluator.transformer;

import dev.poolmark.evaluator.files.JsonFile;
import java.util.List;

/** A kind of encoder, with the sizes that a config gives it. */
public interface Architecture {

  /**
   * The architecture that a config describes.
   *
   * @throws dev.poolmark.evaluator.files.BadDataException naming the key of what is not known
   */
  static Architecture of(JsonFile file) {
    return Architectures.of(new Config(file));
  }

  /** How many layers there are behind the embeddings. */
  int depth();

  /** A text has at most so many tokens, those that mark its start and end included. */
  int maxTokens();

  /** The name of the table of the tokens' embeddings: its rows are the vocabulary. */
  default String vocabulary() {
    return "embeddings.word_embeddings.weight";
  }

  /**
   * The text.
   *
   * @throws dev.poolmark.evaluator.files.BadDataException where there is no such layer, or naming
   *     the key of what is not done
   */
  EncoderText text(Layers layers);

  /** Parts of the names of tensors that are saved with a model and are no weights. */
  List<String> NO_WEIGHTS = List.of("position_ids", "token_type_ids", "inv_freq");
}
