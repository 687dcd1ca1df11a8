package dev.poolmark.evaluator.transformer;

import java.util.List;

/**
 * Every token looks at all others: softmax(q kᵀ / √size) v for each head (Vaswani et al. 2017,
 * section 3.2). The three products with the weights are one.
 *
 * @param width of the states, heads × size
 * @param heads how many attend beside each other
 */
record Attention(int width, int heads) {

  /**
   * Leaves {@code q}, {@code k} and {@code v} of {@code x}, each (batch, heads, seq, size).
   *
   * @param product a tensor (batch, seq, 3 × width)
   */
  void split(Lines lines, String product) {
    lines.line("t = torch.reshape(%s, [batch, seq, 3, %d, %d])", product, heads, width / heads);
    lines.line("q = torch.transpose(torch.select(t, 2, 0), 1, 2)");
    lines.line("k = torch.transpose(torch.select(t, 2, 1), 1, 2)");
    lines.line("v = torch.transpose(torch.select(t, 2, 2), 1, 2)");
  }

  /**
   * Leaves {@code a}, (batch, seq, width).
   *
   * @param mask the name of what is added before the softmax, or None
   */
  void attend(Lines lines, String mask) {
    lines.line("a = torch.scaled_dot_product_attention(q, k, v, %s)", mask);
    lines.line("a = torch.reshape(torch.transpose(a, 1, 2), [batch, seq, %d])", width);
  }

  /** Both, for weights that are published apart. */
  void write(Lines lines, List<String> names, boolean biased, String mask) {
    split(lines, lines.linear("x", names, width, width, biased));
    attend(lines, mask);
  }

  /**
   * Leaves {@code mask}: none where no row is padded, or else (batch, 1, 1, seq), true at what may
   * be looked at.
   */
  static void mask(Lines lines) {
    lines.line("mask = annotate(Optional[Tensor], None)");
    lines.line("if bool(torch.any(torch.eq(attention_mask, 0))):");
    lines.line("  mask = torch.reshape(torch.ne(attention_mask, 0), [batch, 1, 1, seq])");
  }
}
