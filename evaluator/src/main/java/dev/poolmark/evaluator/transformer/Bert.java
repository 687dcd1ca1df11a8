package dev.poolmark.evaluator.transformer;

/** BERT: Devlin et al. 2019, arXiv:1810.04805, section 3. */
record Bert(Config config) implements Architecture {

  @Override
  public int depth() {
    return config.size("num_hidden_layers", 12);
  }

  @Override
  public int maxTokens() {
    return config.size("max_position_embeddings", 512);
  }

  @Override
  public EncoderText text(Layers layers) {
    int width = config.size("hidden_size", 768);
    PostNorm layer = layer(config, width);
    Lines lines = new Lines(layers, depth(), config);
    writeEmbeddings(lines, config, width, 30522);
    Attention.mask(lines);
    lines.state();
    for (int i = 0; i < depth(); i++) {
      layer.write(lines, "encoder.layer." + i + ".", "mask");
      lines.state();
    }
    return lines.text(width);
  }

  /** A layer under BERT's names. */
  static PostNorm layer(Config config, int width) {
    return new PostNorm(
        new Attention(width, config.heads("num_attention_heads", 12, width)),
        config.size("intermediate_size", 3072),
        config.activation("hidden_act"),
        config.number("layer_norm_eps", 1e-12),
        PostNorm.OF_BERT);
  }

  /** The sum of three tables' rows: token, segment, position. */
  static void writeEmbeddings(Lines lines, Config config, int width, int vocabulary) {
    int words = config.size("vocab_size", vocabulary);
    int types = config.size("type_vocab_size", 2);
    int positions = config.size("max_position_embeddings", 512);
    lines.line("x = %s", lines.embedding("input_ids", "embeddings.word_embeddings", words, width));
    lines.line(
        "x = torch.add(x, %s)",
        lines.embedding("token_type_ids", "embeddings.token_type_embeddings", types, width));
    lines.line(
        "x = torch.add(x, torch.slice(%s, 0, 0, seq))",
        lines.weight("embeddings.position_embeddings.weight", positions, width));
    double eps = config.number("layer_norm_eps", 1e-12);
    lines.line("x = %s", lines.norm("x", "embeddings.LayerNorm", width, eps));
  }
}
