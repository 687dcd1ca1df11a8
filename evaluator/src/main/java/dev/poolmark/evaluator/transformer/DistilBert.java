package dev.poolmark.evaluator.transformer;

import java.util.List;

/** DistilBERT: Sanh et al. 2019, arXiv:1910.01108. BERT with half the layers, without segments. */
record DistilBert(Config config) implements Architecture {

  private static final double EPS = 1e-12;

  private static final PostNorm.Names NAMES =
      new PostNorm.Names(
          List.of("attention.q_lin", "attention.k_lin", "attention.v_lin"),
          "attention.out_lin",
          "sa_layer_norm",
          "ffn.lin1",
          "ffn.lin2",
          "output_layer_norm");

  @Override
  public int depth() {
    return config.size("n_layers", 6);
  }

  @Override
  public int maxTokens() {
    return config.size("max_position_embeddings", 512);
  }

  @Override
  public EncoderText text(Layers layers) {
    int width = config.size("dim", 768);
    PostNorm layer =
        new PostNorm(
            new Attention(width, config.heads("n_heads", 12, width)),
            config.size("hidden_dim", 4 * 768),
            config.activation("activation"),
            EPS,
            NAMES);
    Lines lines = new Lines(layers, depth(), config);
    lines.line(
        "x = %s",
        lines.embedding(
            "input_ids", "embeddings.word_embeddings", config.size("vocab_size", 30522), width));
    lines.line(
        "x = torch.add(x, torch.slice(%s, 0, 0, seq))",
        lines.weight("embeddings.position_embeddings.weight", maxTokens(), width));
    lines.line("x = %s", lines.norm("x", "embeddings.LayerNorm", width, EPS));
    Attention.mask(lines);
    lines.state();
    for (int i = 0; i < depth(); i++) {
      layer.write(lines, "transformer.layer." + i + ".", "mask");
      lines.state();
    }
    return lines.text(width);
  }
}
