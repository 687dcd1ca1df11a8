package dev.poolmark.evaluator.transformer;

import java.util.List;

/**
 * Nomic BERT: Nussbaum et al. 2024, arXiv:2402.01613. BERT with rotary positions, a gated
 * feed-forward and no biases. Its config and weights are published under two sets of names.
 */
record NomicBert(Config config) implements Architecture {

  @Override
  public int depth() {
    return either("num_hidden_layers", "n_layer", 12);
  }

  @Override
  public int maxTokens() {
    return either("max_position_embeddings", "n_positions", 2048);
  }

  @Override
  public EncoderText text(Layers layers) {
    config.only("prenorm", "false");
    config.only("rotary_emb_fraction", "1.0");
    config.only("rotary_emb_interleaved", "false");
    config.only("activation_function", "swiglu");
    int width = either("hidden_size", "n_embd", 768);
    int inner = either("intermediate_size", "n_inner", 3072);
    double eps = config.number("layer_norm_eps", config.number("layer_norm_epsilon", 1e-12));
    String headsKey =
        config.size("num_attention_heads").isPresent() ? "num_attention_heads" : "n_head";
    Attention attention = new Attention(width, config.heads(headsKey, 12, width));
    Rotary rotary =
        new Rotary(
            width / attention.heads(),
            config.ropeBase(
                "rope_parameters",
                config.value("rope_parameters").orElse(null),
                config.number("rotary_emb_base", 1000)),
            "");
    Lines lines = new Lines(layers, depth(), config);
    writeEmbeddings(lines, width, eps);
    Attention.mask(lines);
    rotary.writeAngles(lines);
    lines.state();
    for (int i = 0; i < depth(); i++) {
      String layer = "encoder.layers." + i + ".";
      attention.split(
          lines, lines.linear("x", List.of(layer + "attn.Wqkv"), width, 3 * width, false));
      rotary.turn(lines);
      attention.attend(lines, "mask");
      lines.line(
          "a = %s", lines.linear("a", List.of(layer + "attn.out_proj"), width, width, false));
      lines.line("x = %s", lines.norm("torch.add(x, a)", layer + "norm1", width, eps));
      lines.line("u = %s", lines.linear("x", List.of(layer + "mlp.fc11"), width, inner, false));
      String gate = lines.linear("x", List.of(layer + "mlp.fc12"), width, inner, false);
      lines.line("u = torch.mul(u, torch.silu(%s))", gate);
      lines.line("u = %s", lines.linear("u", List.of(layer + "mlp.fc2"), inner, width, false));
      lines.line("x = %s", lines.norm("torch.add(x, u)", layer + "norm2", width, eps));
      lines.state();
    }
    return lines.text(width);
  }

  private void writeEmbeddings(Lines lines, int width, double eps) {
    int words = config.size("vocab_size", 30528);
    int types = config.size("type_vocab_size", 2);
    lines.line("x = %s", lines.embedding("input_ids", "embeddings.word_embeddings", words, width));
    lines.line(
        "x = torch.add(x, %s)",
        lines.embedding("token_type_ids", "embeddings.token_type_embeddings", types, width));
    lines.line("x = %s", lines.norm("x", "emb_ln", width, eps));
  }

  private int either(String key, String older, int otherwise) {
    return config.size(key, config.size(older, otherwise));
  }
}
