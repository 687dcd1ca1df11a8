package dev.poolmark.evaluator.transformer;

import java.util.List;

/**
 * MPNet: Song et al. 2020, arXiv:2004.09297. Positions as RoBERTa counts them, and besides, as T5
 * has it, a bias of each head for how far apart two tokens are: 32 buckets, half of them for each
 * direction, exact up to 8 tokens apart, logarithmic up to 128.
 */
record MpNet(Config config) implements Architecture {

  private static final int PAD = 1;

  /** The bias has so many rows by the config, of which transformers uses always 32. */
  private static final int BUCKETS = 32;

  private static final PostNorm.Names NAMES =
      new PostNorm.Names(
          List.of("attention.attn.q", "attention.attn.k", "attention.attn.v"),
          "attention.attn.o",
          "attention.LayerNorm",
          "intermediate.dense",
          "output.dense",
          "output.LayerNorm");

  @Override
  public int depth() {
    return config.size("num_hidden_layers", 12);
  }

  @Override
  public int maxTokens() {
    return config.size("max_position_embeddings", 512) - PAD - 1;
  }

  @Override
  public EncoderText text(Layers layers) {
    int width = config.size("hidden_size", 768);
    int heads = config.heads("num_attention_heads", 12, width);
    double eps = config.number("layer_norm_eps", 1e-12);
    PostNorm layer =
        new PostNorm(
            new Attention(width, heads),
            config.size("intermediate_size", 3072),
            config.activation("hidden_act"),
            eps,
            NAMES);
    Lines lines = new Lines(layers, depth(), config);
    Roberta.writePositions(lines, PAD);
    lines.line(
        "x = %s",
        lines.embedding(
            "input_ids", "embeddings.word_embeddings", config.size("vocab_size", 30527), width));
    lines.line(
        "x = torch.add(x, %s)",
        lines.embedding(
            "p",
            "embeddings.position_embeddings",
            config.size("max_position_embeddings", 512),
            width));
    lines.line("x = %s", lines.norm("x", "embeddings.LayerNorm", width, eps));
    writeBias(lines, heads);
    lines.state();
    for (int i = 0; i < depth(); i++) {
      layer.write(lines, "encoder.layer." + i + ".", "mask");
      lines.state();
    }
    return lines.text(width);
  }

  /** Leaves {@code mask}, (batch or 1, heads, seq, seq). */
  private void writeBias(Lines lines, int heads) {
    int rows = config.size("relative_attention_num_buckets", BUCKETS);
    int half = BUCKETS / 2;
    int exact = half / 2;
    lines.line("r = torch.arange(seq)");
    lines.line("d = torch.sub(torch.unsqueeze(r, 1), torch.unsqueeze(r, 0))");
    lines.line("far = torch.log(torch.div(torch.clamp(torch.abs(d), 1), %d))", exact);
    lines.line("far = torch.mul(torch.div(far, %s), %d)", Math.log(128. / exact), half - exact);
    lines.line("far = torch.clamp(torch.add(torch.floor(far), %d), None, %d)", exact, half - 1);
    lines.line("far = torch.where(torch.lt(torch.abs(d), %d), torch.abs(d), far)", exact);
    lines.line("far = torch.add(far, torch.mul(torch.lt(d, 0), %d))", half);
    lines.line(
        "mask = %s",
        lines.embedding("torch._cast_Long(far)", "encoder.relative_attention_bias", rows, heads));
    lines.line("mask = torch.unsqueeze(torch.permute(mask, [2, 0, 1]), 0)");
    lines.line("if bool(torch.any(torch.eq(attention_mask, 0))):");
    lines.line("  hidden = torch.reshape(torch.eq(attention_mask, 0), [batch, 1, 1, seq])");
    lines.line("  mask = torch.masked_fill(mask, hidden, -3.4e38)");
  }
}
