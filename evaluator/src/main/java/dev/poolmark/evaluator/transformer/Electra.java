package dev.poolmark.evaluator.transformer;

/**
 * ELECTRA's discriminator: Clark et al. 2020, arXiv:2003.10555. BERT, whose tables may be narrower
 * than its layers.
 */
record Electra(Config config) implements Architecture {

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
    int width = config.size("hidden_size", 256);
    int table = config.size("embedding_size", 128);
    PostNorm layer =
        new PostNorm(
            new Attention(width, config.heads("num_attention_heads", 4, width)),
            config.size("intermediate_size", 1024),
            config.activation("hidden_act"),
            config.number("layer_norm_eps", 1e-12),
            PostNorm.OF_BERT);
    Lines lines = new Lines(layers, depth(), config);
    Bert.writeEmbeddings(lines, config, table, 30522);
    if (table != width) {
      lines.line("x = %s", lines.linear("x", "embeddings_project", table, width));
    }
    Attention.mask(lines);
    lines.state();
    for (int i = 0; i < depth(); i++) {
      layer.write(lines, "encoder.layer." + i + ".", "mask");
      lines.state();
    }
    return lines.text(width);
  }
}
