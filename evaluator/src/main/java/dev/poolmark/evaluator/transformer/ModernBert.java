package dev.poolmark.evaluator.transformer;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Locale;

/**
 * ModernBERT: Warner et al. 2024, arXiv:2412.13663. Norms stand before what they serve, positions
 * are rotary, most layers look only at near tokens, and the feed-forward is gated.
 */
record ModernBert(Config config) implements Architecture {

  private static final String FULL = "full_attention";
  private static final String SLIDING = "sliding_attention";

  @Override
  public int depth() {
    return config.size("num_hidden_layers", 22);
  }

  @Override
  public int maxTokens() {
    return config.size("max_position_embeddings", 8192);
  }

  @Override
  public String vocabulary() {
    return "embeddings.tok_embeddings.weight";
  }

  @Override
  public EncoderText text(Layers layers) {
    int width = config.size("hidden_size", 768);
    Attention attention = new Attention(width, config.heads("num_attention_heads", 12, width));
    int size = width / attention.heads();
    Rotary far = new Rotary(size, base(FULL, "global_rope_theta", 160_000), "_far");
    Rotary near = new Rotary(size, base(SLIDING, "local_rope_theta", 10_000), "_near");
    List<String> kinds = kinds();
    Lines lines = new Lines(layers, depth(), config);
    lines.line(
        "x = %s",
        lines.embedding(
            "input_ids", "embeddings.tok_embeddings", config.size("vocab_size", 50368), width));
    lines.line("x = %s", norm(lines, "x", "embeddings.norm", width));
    writeMasks(lines);
    far.writeAngles(lines);
    near.writeAngles(lines);
    lines.state();
    for (int i = 0; i < depth(); i++) {
      boolean sliding = kinds.get(i).equals(SLIDING);
      String layer = "layers." + i + ".";
      writeAttention(lines, layer, i == 0, attention, sliding ? near : far);
      writeFeedForward(lines, layer, width);
      if (i == depth() - 1) {
        lines.line("x = %s", norm(lines, "x", "final_norm", width));
      }
      lines.state();
    }
    return lines.text(width);
  }

  private void writeAttention(
      Lines lines, String layer, boolean first, Attention attention, Rotary rotary) {
    int width = attention.width();
    boolean biased = config.flag("attention_bias", false);
    lines.line("y = %s", first ? "x" : norm(lines, "x", layer + "attn_norm", width));
    attention.split(
        lines, lines.linear("y", List.of(layer + "attn.Wqkv"), width, 3 * width, biased));
    rotary.turn(lines);
    attention.attend(lines, "mask" + rotary.name());
    lines.line(
        "x = torch.add(x, %s)",
        lines.linear("a", List.of(layer + "attn.Wo"), width, width, biased));
  }

  private void writeFeedForward(Lines lines, String layer, int width) {
    int inner = config.size("intermediate_size", 1152);
    boolean biased = config.flag("mlp_bias", false);
    lines.line("y = %s", norm(lines, "x", layer + "mlp_norm", width));
    lines.line("y = %s", lines.linear("y", List.of(layer + "mlp.Wi"), width, 2 * inner, biased));
    String input = String.format(Locale.ROOT, "torch.slice(y, 2, 0, %d)", inner);
    lines.line("g = torch.slice(y, 2, %d, %d)", inner, 2 * inner);
    lines.line(
        "y = torch.mul(%s, g)",
        String.format(Locale.ROOT, config.activation("hidden_activation"), input));
    lines.line(
        "x = torch.add(x, %s)", lines.linear("y", List.of(layer + "mlp.Wo"), inner, width, biased));
  }

  private String norm(Lines lines, String x, String name, int width) {
    return lines.norm(
        x, name, width, config.number("norm_eps", 1e-5), config.flag("norm_bias", false));
  }

  /**
   * Leaves {@code mask_far}, and {@code mask_near} of the tokens up to half a window away. A
   * padding token looks at least at itself: at nothing at all, its numbers would not be numbers.
   */
  private void writeMasks(Lines lines) {
    Attention.mask(lines);
    lines.line("mask_far = mask");
    lines.line("mask_near = mask");
    int window = config.size("local_attention", 128) / 2;
    lines.line("if seq > %d:", window);
    lines.line("  d = torch.sub(torch.unsqueeze(torch.arange(seq), 1), torch.arange(seq))");
    lines.line("  d = torch.reshape(torch.abs(d), [1, 1, seq, seq])");
    lines.line("  seen = torch.reshape(torch.ne(attention_mask, 0), [batch, 1, 1, seq])");
    lines.line("  seen = torch.logical_and(seen, torch.le(d, %d))", window);
    lines.line("  mask_near = torch.logical_or(seen, torch.eq(d, 0))");
  }

  /** Every n-th layer looks at all tokens, unless the config lists the kinds. */
  private List<String> kinds() {
    int every = config.size("global_attn_every_n_layers", 3);
    return config.kinds(
        "layer_types", List.of(FULL, SLIDING), depth(), i -> i % every == 0 ? 0 : 1);
  }

  private double base(String kind, String olderKey, double otherwise) {
    JsonNode rope = config.value("rope_parameters").map(all -> all.path(kind)).orElse(null);
    return config.ropeBase("rope_parameters." + kind, rope, config.number(olderKey, otherwise));
  }
}
