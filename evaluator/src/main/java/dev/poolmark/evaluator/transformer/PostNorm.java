package dev.poolmark.evaluator.transformer;

import java.util.List;
import java.util.Locale;

/**
 * A layer of the first transformer (Vaswani et al. 2017, figure 1, left), which BERT and its kin
 * have under names of their own: attention and feed-forward, each added to its input, and only then
 * normalised.
 *
 * @param inner width between the two products of the feed-forward
 * @param activation between them, as a format of one argument
 * @param eps of the norms
 */
record PostNorm(Attention attention, int inner, String activation, double eps, Names names) {

  /** What the parts of a layer are called in a published file, below the layer's own name. */
  record Names(
      List<String> queryKeyValue,
      String attended,
      String attentionNorm,
      String up,
      String down,
      String outputNorm) {}

  /** As BERT has it. */
  static final Names OF_BERT =
      new Names(
          List.of("attention.self.query", "attention.self.key", "attention.self.value"),
          "attention.output.dense",
          "attention.output.LayerNorm",
          "intermediate.dense",
          "output.dense",
          "output.LayerNorm");

  /**
   * From {@code x} to {@code x}.
   *
   * @param layer the layer's name, with its dot
   * @param mask what is added before the softmax
   */
  void write(Lines lines, String layer, String mask) {
    int width = attention.width();
    attention.write(
        lines, names.queryKeyValue().stream().map(name -> layer + name).toList(), true, mask);
    lines.line("a = %s", lines.linear("a", layer + names.attended(), width, width));
    lines.line("x = %s", lines.norm("torch.add(x, a)", layer + names.attentionNorm(), width, eps));
    String up = lines.linear("x", layer + names.up(), width, inner);
    lines.line("f = %s", String.format(Locale.ROOT, activation, up));
    lines.line("f = %s", lines.linear("f", layer + names.down(), inner, width));
    lines.line("x = %s", lines.norm("torch.add(x, f)", layer + names.outputNorm(), width, eps));
  }
}
