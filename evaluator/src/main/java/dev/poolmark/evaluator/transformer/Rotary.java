package dev.poolmark.evaluator.transformer;

/**
 * Rotary positions (Su et al. 2021, arXiv:2104.09864): each head's numbers are taken as pairs, of
 * which the n-th is turned by the position × base^(-2n / size), so that only the distance of two
 * tokens counts in their product.
 *
 * @param size of a head
 * @param base of the angles
 * @param name ends the names of what the lines leave
 */
record Rotary(int size, double base, String name) {

  /** Leaves the cosines and sines, each (seq, size). */
  void writeAngles(Lines lines) {
    lines.line("u = torch.div(torch.arange(0, %d, 2), %d)", size, size);
    lines.line("u = torch.reciprocal(torch.pow(%s, u))", base);
    lines.line("u = torch.mul(torch.unsqueeze(torch.arange(seq), 1), u)");
    lines.line("u = torch.cat([u, u], 1)");
    lines.line("cos%s = torch.cos(u)", name);
    lines.line("sin%s = torch.sin(u)", name);
  }

  /** Turns {@code q} and {@code k}, each (batch, heads, seq, size). */
  void turn(Lines lines) {
    for (String x : new String[] {"q", "k"}) {
      lines.line(
          "u = torch.cat([torch.neg(torch.slice(%s, 3, %d, %d)), torch.slice(%s, 3, 0, %d)], 3)",
          x, size / 2, size, x, size / 2);
      lines.line("%s = torch.add(torch.mul(%s, cos%s), torch.mul(u, sin%s))", x, x, name, name);
    }
  }
}
