package dev.poolmark.server;

import dev.poolmark.evaluator.encoder.BundledEncoders;
import dev.poolmark.evaluator.encoder.TokenEncoder;
import dev.poolmark.evaluator.files.UserFolders;
import dev.poolmark.evaluator.plugin.PluginCatalog;
import dev.poolmark.evaluator.plugin.PoolerSpec;
import dev.poolmark.evaluator.text.SentenceEmbedder;
import io.vertx.core.json.JsonArray;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Texts to encode, a model folder, and what the evaluator makes of texts itself. */
public final class Texts {

  private static final List<String> WORDS =
      List.of("rain", "falls", "on", "the", "quiet", "harbour", "town", "again", "where", "Boats");

  private Texts() {}

  /** Texts of many lengths, none over 128 tokens. */
  static List<String> ofManyLengths(int count) {
    List<String> texts = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      StringBuilder text = new StringBuilder("Text " + i + ":");
      for (int word = 0; word < i * 7 % 110; word++) {
        text.append(' ').append(WORDS.get((word * 3 + i) % WORDS.size()));
      }
      texts.add(text.toString());
    }
    return texts;
  }

  /** As the evaluator embeds them: the bundled encoders and their mean. */
  static List<float[]> embedded(List<String> texts) throws IOException {
    PluginCatalog catalog = PluginCatalog.of(List.of(TestFiles.distribution().resolve("plugins")));
    try (TokenEncoder encoder = BundledEncoders.open(UserFolders.cache());
        SentenceEmbedder embedder =
            new SentenceEmbedder(
                encoder, catalog.create(PoolerSpec.parse("mean"), encoder.dim()).pooler())) {
      return embedder.embed(texts);
    }
  }

  static float[] floats(JsonArray numbers) {
    float[] floats = new float[numbers.size()];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = numbers.getFloat(i);
    }
    return floats;
  }

  static float[] normalized(float[] values) {
    double norm = 0;
    for (float value : values) {
      norm += (double) value * value;
    }
    float[] unit = new float[values.length];
    for (int i = 0; i < unit.length; i++) {
      unit[i] = (float) (values[i] / Math.sqrt(norm));
    }
    return unit;
  }

  /** all-MiniLM-L6-v2 as sentence-transformers saves it, with prompts: mean, then normalised. */
  public static Path writeMiniLm(Path folder) throws IOException {
    write(
        folder.resolve("modules.json"),
        """
        [{"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.Transformer"},
         {"idx": 1, "name": "1", "path": "1_Pooling", "type": "sentence_transformers.models.Pooling"},
         {"idx": 2, "name": "2", "path": "2_Normalize", "type": "sentence_transformers.models.Normalize"}]
        """);
    write(
        folder.resolve("config.json"),
        "{\"model_type\": \"bert\", \"hidden_size\": 384, \"max_position_embeddings\": 512}");
    write(
        folder.resolve("sentence_bert_config.json"),
        "{\"max_seq_length\": 128, \"do_lower_case\": false}");
    write(
        folder.resolve("config_sentence_transformers.json"),
        "{\"prompts\": {\"query\": \"Represent this: \", \"title\": \"Title: \"}}");
    write(
        folder.resolve("1_Pooling/config.json"),
        "{\"word_embedding_dimension\": 384, \"pooling_mode_mean_tokens\": true}");
    copy("all-minilm-l6-v2-tokenizer.json", folder.resolve("tokenizer.json"));
    copy("all-minilm-l6-v2.onnx", folder.resolve("onnx/model.onnx"));
    return folder;
  }

  private static void write(Path file, String text) throws IOException {
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
  }

  private static void copy(String resource, Path file) throws IOException {
    Files.createDirectories(file.getParent());
    try (InputStream in = Texts.class.getClassLoader().getResourceAsStream(resource)) {
      Files.copy(in, file);
    }
  }
}
