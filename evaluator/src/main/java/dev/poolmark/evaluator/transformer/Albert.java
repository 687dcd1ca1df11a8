package dev.poolmark.evaluator.transformer;

import java.util.List;
import java.util.Locale;

/**
 * ALBERT: Lan et al. 2020, arXiv:1909.11942. Narrow tables, and few layers that are gone through
 * again and again: a group of layers serves several steps.
 */
record Albert(Config config) implements Architecture {

  private static final PostNorm.Names NAMES =
      new PostNorm.Names(
          List.of("attention.query", "attention.key", "attention.value"),
          "attention.dense",
          "attention.LayerNorm",
          "ffn",
          "ffn_output",
          "full_layer_layer_norm");

  /** Steps, each of all layers of a group. */
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
    int width = config.size("hidden_size", 4096);
    int table = config.size("embedding_size", 128);
    int groups = config.size("num_hidden_groups", 1);
    int inner = config.size("inner_group_num", 1);
    PostNorm layer =
        new PostNorm(
            new Attention(width, config.heads("num_attention_heads", 64, width)),
            config.size("intermediate_size", 16384),
            config.value("hidden_act").isEmpty()
                ? "torch.gelu(%s, approximate=\"tanh\")"
                : config.activation("hidden_act"),
            config.number("layer_norm_eps", 1e-12),
            NAMES);
    Lines lines = new Lines(layers, depth(), config);
    Bert.writeEmbeddings(lines, config, table, 30000);
    lines.line("x = %s", lines.linear("x", "encoder.embedding_hidden_mapping_in", table, width));
    Attention.mask(lines);
    lines.state();
    for (int i = 0; i < depth(); i++) {
      int group = (int) (i / ((double) depth() / groups));
      for (int j = 0; j < inner; j++) {
        String name = "encoder.albert_layer_groups.%d.albert_layers.%d.";
        layer.write(lines, String.format(Locale.ROOT, name, group, j), "mask");
      }
      lines.state();
    }
    return lines.text(width);
  }
}
