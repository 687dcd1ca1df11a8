package dev.poolmark.evaluator.transformer;

/**
 * RoBERTa: Liu et al. 2019, arXiv:1907.11692; CamemBERT and XLM-RoBERTa are of the same build. As
 * BERT, but positions are counted from behind the padding token's id, over what is no padding, and
 * all text is of one segment.
 */
record Roberta(Config config) implements Architecture {

  @Override
  public int depth() {
    return config.size("num_hidden_layers", 12);
  }

  @Override
  public int maxTokens() {
    return config.size("max_position_embeddings", 512) - pad() - 1;
  }

  private int pad() {
    return (int) config.number("pad_token_id", 1);
  }

  @Override
  public EncoderText text(Layers layers) {
    int width = config.size("hidden_size", 768);
    PostNorm layer = Bert.layer(config, width);
    Lines lines = new Lines(layers, depth(), config);
    writeEmbeddings(lines, width);
    Attention.mask(lines);
    lines.state();
    for (int i = 0; i < depth(); i++) {
      layer.write(lines, "encoder.layer." + i + ".", "mask");
      lines.state();
    }
    return lines.text(width);
  }

  private void writeEmbeddings(Lines lines, int width) {
    int words = config.size("vocab_size", 50265);
    int types = config.size("type_vocab_size", 2);
    int positions = config.size("max_position_embeddings", 512);
    writePositions(lines, pad());
    lines.line("x = %s", lines.embedding("input_ids", "embeddings.word_embeddings", words, width));
    lines.line(
        "x = torch.add(x, torch.slice(%s, 0, 0, 1))",
        lines.weight("embeddings.token_type_embeddings.weight", types, width));
    lines.line(
        "x = torch.add(x, %s)",
        lines.embedding("p", "embeddings.position_embeddings", positions, width));
    double eps = config.number("layer_norm_eps", 1e-12);
    lines.line("x = %s", lines.norm("x", "embeddings.LayerNorm", width, eps));
  }

  /**
   * Leaves {@code p}: the padding token stays at its own number, what follows counts up from it.
   */
  static void writePositions(Lines lines, int pad) {
    lines.line("n = torch.ne(input_ids, %d)", pad);
    lines.line("p = torch.add(torch.mul(torch.cumsum(n, 1), n), %d)", pad);
  }
}
