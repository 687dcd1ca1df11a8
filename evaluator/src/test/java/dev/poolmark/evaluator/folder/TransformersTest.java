package dev.poolmark.evaluator.folder;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.poolmark.evaluator.encoder.TokenEmbeddings;
import dev.poolmark.evaluator.encoder.TokenEncoder;
import dev.poolmark.evaluator.encoder.TokenIds;
import dev.poolmark.evaluator.safetensors.SafetensorsFile;
import dev.poolmark.evaluator.transformer.Layers;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The lines of each architecture beside the real transformers, on small random models. */
class TransformersTest {

  private static final int VOCABULARY = 100;

  /** Sizes under the names that most configs have, and those of one under its own. */
  private static final String SIZES =
      "\"vocab_size\":100,\"hidden_size\":32,\"num_hidden_layers\":3,\"num_attention_heads\":4,"
          + "\"intermediate_size\":48,\"max_position_embeddings\":64";

  private static final Map<String, String> MODELS =
      Map.ofEntries(
          Map.entry("bert", SIZES + ",\"model_type\":\"bert\""),
          Map.entry(
              "bert-tanh",
              SIZES
                  + ",\"model_type\":\"bert\",\"hidden_act\":\"gelu_new\",\"layer_norm_eps\":1e-3,"
                  + "\"type_vocab_size\":1"),
          Map.entry("bert-relu", SIZES + ",\"model_type\":\"bert\",\"hidden_act\":\"relu\""),
          Map.entry("bert-silu", SIZES + ",\"model_type\":\"bert\",\"hidden_act\":\"silu\""),
          Map.entry("bert-shards", SIZES + ",\"model_type\":\"bert\",\"max_shard_size\":\"20KB\""),
          Map.entry("bert-f16", SIZES + ",\"model_type\":\"bert\",\"dtype\":\"float16\""),
          Map.entry("bert-bf16", SIZES + ",\"model_type\":\"bert\",\"dtype\":\"bfloat16\""),
          Map.entry("roberta", SIZES + ",\"model_type\":\"roberta\",\"type_vocab_size\":1"),
          Map.entry("roberta-pad", SIZES + ",\"model_type\":\"roberta\",\"pad_token_id\":3"),
          Map.entry("camembert", SIZES + ",\"model_type\":\"camembert\""),
          Map.entry("xlm-roberta", SIZES + ",\"model_type\":\"xlm-roberta\""),
          Map.entry(
              "distilbert",
              "\"model_type\":\"distilbert\",\"vocab_size\":100,\"dim\":24,\"n_layers\":2,"
                  + "\"n_heads\":3,\"hidden_dim\":40,\"max_position_embeddings\":64"),
          Map.entry(
              "distilbert-sinusoidal",
              "\"model_type\":\"distilbert\",\"vocab_size\":100,\"dim\":32,\"n_layers\":3,"
                  + "\"n_heads\":2,\"hidden_dim\":40,\"max_position_embeddings\":64,"
                  + "\"sinusoidal_pos_embds\":true,\"activation\":\"relu\""),
          Map.entry("mpnet", SIZES + ",\"model_type\":\"mpnet\""),
          Map.entry(
              "mpnet-far",
              SIZES.replace(":64", ":300").replace("32", "20").replace("heads\":4", "heads\":2")
                  + ",\"model_type\":\"mpnet\""),
          Map.entry("electra", SIZES + ",\"model_type\":\"electra\",\"embedding_size\":16"),
          Map.entry("electra-even", SIZES + ",\"model_type\":\"electra\",\"embedding_size\":32"),
          Map.entry("albert", SIZES + ",\"model_type\":\"albert\",\"embedding_size\":16"),
          Map.entry(
              "albert-groups",
              SIZES
                  + ",\"model_type\":\"albert\",\"embedding_size\":32,\"num_hidden_groups\":3,"
                  + "\"hidden_act\":\"gelu\""),
          Map.entry(
              "modernbert",
              SIZES
                  + ",\"model_type\":\"modernbert\",\"pad_token_id\":0,\"local_attention\":10,"
                  + "\"layer_types\":[\"full_attention\",\"sliding_attention\","
                  + "\"sliding_attention\"]"),
          Map.entry(
              "modernbert-biased",
              SIZES
                  + ",\"model_type\":\"modernbert\",\"pad_token_id\":0,\"norm_bias\":true,"
                  + "\"mlp_bias\":true,\"attention_bias\":true,\"hidden_activation\":\"silu\","
                  + "\"layer_types\":[\"sliding_attention\",\"sliding_attention\","
                  + "\"full_attention\"]"),
          Map.entry("nomic_bert", SIZES + ",\"model_type\":\"nomic_bert\""),
          Map.entry(
              "nomic_bert-base",
              SIZES
                  + ",\"model_type\":\"nomic_bert\",\"layer_norm_eps\":1e-5,"
                  + "\"rope_parameters\":{\"rope_type\":\"default\",\"rope_theta\":20000.0}"));

  @TempDir private static Path models;

  @BeforeAll
  static void make() throws IOException, InterruptedException {
    TransformersPython.assume();
    TransformersPython.writeModels(
        models,
        MODELS.entrySet().stream()
            .map(model -> "\"" + model.getKey() + "\":{" + model.getValue() + "}")
            .collect(Collectors.joining(",", "{", "}")));
    for (String name : MODELS.keySet()) {
      TestFolders.aroundWeights(models.resolve(name), VOCABULARY);
    }
  }

  static List<String> models() {
    return MODELS.keySet().stream().sorted().toList();
  }

  @ParameterizedTest
  @MethodSource("models")
  void everyLayerOfEveryArchitectureIsWhatTransformersComputes(String name) throws IOException {
    for (WeightsKind kind : List.of(WeightsKind.SAFETENSORS, WeightsKind.BIN)) {
      List<float[]> expected = expected(name);
      for (int layer = 0; layer < expected.size(); layer++) {
        String message = name + ", " + kind + ", layer " + layer;
        assertArrayEquals(expected.get(layer), encode(name, kind, "" + layer), 1e-5f, message);
      }
      assertArrayEquals(expected.get(expected.size() - 1), encode(name, kind, "-1"), 1e-5f, name);
    }
  }

  @Test
  void severalLayersAreAveragedOrStandBehindEachOther() throws IOException {
    List<float[]> states = expected("bert");
    float[] mean = encode("bert", WeightsKind.SAFETENSORS, "first+last");
    float[] both = encode("bert", WeightsKind.SAFETENSORS, "concat:-2,0");
    assertEquals(2 * mean.length, both.length);
    for (int i = 0; i < mean.length; i++) {
      assertEquals((states.get(1)[i] + states.get(3)[i]) / 2, mean[i], 1e-5f);
      int token = i / 32;
      assertEquals(states.get(2)[i], both[token * 64 + i % 32], 1e-5f);
      assertEquals(states.get(0)[i], both[token * 64 + 32 + i % 32], 1e-5f);
    }
  }

  /** The states of all layers, the tokens of all texts one after the other. */
  private static List<float[]> expected(String name) throws IOException {
    try (SafetensorsFile file =
        SafetensorsFile.open(models.resolve(name).resolve("expected.safetensors"))) {
      return IntStream.range(0, file.tensors().size())
          .mapToObj(layer -> file.floats("h" + layer))
          .toList();
    }
  }

  private static float[] encode(String name, WeightsKind kind, String layers) throws IOException {
    Path folder = models.resolve(name);
    List<TokenIds> texts = new ArrayList<>();
    for (JsonNode row : new ObjectMapper().readTree(folder.resolve("ids.json").toFile())) {
      texts.add(
          TokenIds.of(
              IntStream.range(0, row.size()).mapToLong(i -> row.get(i).asLong()).toArray()));
    }
    EncoderChoice choice = new EncoderChoice(Optional.of(kind), Layers.parse(layers));
    try (TokenEncoder encoder = ModelFolder.read(folder, choice).open()) {
      List<TokenEmbeddings> tokens = encoder.encodeIds(texts, done -> {});
      float[] all = new float[tokens.stream().mapToInt(t -> t.values().length).sum()];
      int at = 0;
      for (TokenEmbeddings text : tokens) {
        System.arraycopy(text.values(), 0, all, at, text.values().length);
        at += text.values().length;
      }
      return all;
    }
  }
}
