package dev.poolmark.evaluator.transformer;

import java.util.List;

/**
 * An encoder's forward pass in lines of TorchScript. They see {@code input_ids}, {@code
 * attention_mask} and {@code token_type_ids}, each (batch, seq) of int64, and {@code w}, the list
 * of weights. They return the embeddings, (batch, seq, dim).
 *
 * @param lines the body of {@code forward}
 * @param weights what {@code w} holds, in its order
 * @param unused weights of the layers behind the last one that is asked for
 * @param dim width of an embedding
 */
public record EncoderText(List<String> lines, List<Weight> weights, List<Weight> unused, int dim) {

  /** The parameters of {@code forward}. */
  public static final List<String> PARAMETERS =
      List.of(
          "input_ids: Tensor",
          "attention_mask: Tensor",
          "token_type_ids: Tensor",
          "w: List[Tensor]");

  /**
   * A weight that the lines use.
   *
   * @param names tensors of the published file; where there are several, they are put one below the
   *     other
   * @param shape of each of them
   */
  public record Weight(List<String> names, List<Long> shape) {
    public Weight {
      names = List.copyOf(names);
      shape = List.copyOf(shape);
    }
  }

  public EncoderText {
    lines = List.copyOf(lines);
    weights = List.copyOf(weights);
    unused = List.copyOf(unused);
  }
}
