package dev.poolmark.evaluator.folder;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.poolmark.api.PoolerOptions;
import dev.poolmark.evaluator.encoder.TokenEmbeddings;
import dev.poolmark.evaluator.encoder.TokenEncoder;
import dev.poolmark.evaluator.text.SentenceEmbedder;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What public folders hold beyond the least, on a DistilBERT of their shape: {@code
 * HipFil98/sbert-mariannaQA-ita} and {@code
 * flax-sentence-embeddings/multi-qa_v1-distilbert-mean_cos} are such, 768 wide and cut at 128
 * tokens.
 */
class PublicModelFoldersTest {

  private static final List<String> TEXTS = List.of("Rain falls on the harbour.", "SNOW in May");

  @TempDir private Path folder;

  @BeforeEach
  void layOut() throws IOException {
    TestFolders.distilBert(folder);
    write(
        "config_sentence_transformers.json",
        """
        {"__version__": {"sentence_transformers": "2.2.2", "transformers": "4.26.1", "pytorch": "1.13.1"}}
        """);
    write(
        "1_Pooling/config.json",
        """
        {"word_embedding_dimension": 8, "pooling_mode_cls_token": false,
         "pooling_mode_mean_tokens": true, "pooling_mode_max_tokens": false,
         "pooling_mode_mean_sqrt_len_tokens": false}
        """);
    write("tokenizer_config.json", "{\"do_lower_case\": true, \"model_max_length\": 512}");
    write("special_tokens_map.json", "{}");
    write("vocab.txt", "[PAD]\n");
    write("pytorch_model.bin", "never read, for there is a file that can be run");
  }

  @Test
  void folderAsTheHubHasItIsTheMeanOfItsTokens() throws IOException {
    ModelFolder model = ModelFolder.read(folder);
    assertEquals("cosine", model.similarity());
    List<float[]> embeddings = embed(model);
    for (int i = 0; i < TEXTS.size(); i++) {
      assertArrayEquals(mean(tokens(model, TEXTS.get(i)), 0), embeddings.get(i), 1e-5f);
    }
  }

  @Test
  void settingsOfTheTokenizersOwnForPaddingAndCuttingDoNotCount() throws IOException {
    List<float[]> before = embed(ModelFolder.read(folder));
    ObjectNode tokenizer = tokenizer();
    tokenizer
        .putObject("truncation")
        .put("direction", "Right")
        .put("max_length", 4)
        .put("strategy", "LongestFirst")
        .put("stride", 0);
    tokenizer
        .putObject("padding")
        .put("direction", "Right")
        .put("pad_id", 0)
        .put("pad_type_id", 0)
        .put("pad_token", "[PAD]")
        .putNull("pad_to_multiple_of")
        .putObject("strategy")
        .put("Fixed", 30);
    write("tokenizer.json", tokenizer.toString());
    List<float[]> after = embed(ModelFolder.read(folder));
    for (int i = 0; i < TEXTS.size(); i++) {
      assertArrayEquals(before.get(i), after.get(i), 1e-6f);
    }
  }

  @Test
  void textsAreLoweredWhereTheFolderSaysSo() throws IOException {
    List<float[]> lowered = embed(ModelFolder.read(folder));
    ObjectNode tokenizer = tokenizer();
    ((ObjectNode) tokenizer.get("normalizer")).put("lowercase", false);
    write("tokenizer.json", tokenizer.toString());
    assertFalse(Arrays.equals(lowered.get(1), embed(ModelFolder.read(folder)).get(1)));
    write("sentence_bert_config.json", "{\"max_seq_length\": 32, \"do_lower_case\": true}");
    assertArrayEquals(lowered.get(1), embed(ModelFolder.read(folder)).get(1), 1e-6f);
  }

  @Test
  void promptIsReadButNotPooledWhereTheFolderSaysSo() throws IOException {
    write(
        "config_sentence_transformers.json",
        """
        {"prompts": {"query": "what is it: ", "passage": ""}, "default_prompt_name": "query",
         "similarity_fn_name": "dot"}
        """);
    ModelFolder included = ModelFolder.read(folder);
    assertEquals("dot", included.similarity());
    TokenEmbeddings prompted = tokens(included, TEXTS.get(0));
    assertArrayEquals(mean(prompted, 0), embed(included).get(0), 1e-5f);
    write(
        "1_Pooling/config.json",
        "{\"embedding_dimension\": 8, \"pooling_mode\": [\"mean\"], \"include_prompt\": false}");
    // the token at the start, and what, is, it and the colon
    assertArrayEquals(mean(prompted, 5), embed(ModelFolder.read(folder)).get(0), 1e-5f);
    assertEquals("", ModelFolder.read(folder).forDocuments().prompt());
  }

  @Test
  void denseModulesOfEachFloatFollowEachOther() throws IOException {
    TestFolders.writeModules(folder, "Transformer", "Pooling", "Dense", "Dense", "Normalize");
    float[] first = {1, -0.5f, 0.25f, 2, 0, 0.75f, -1, 0.5f}; // (1, 8)
    float[] second = {1.5f, -2}; // (2, 1)
    write(
        "2_Dense/config.json",
        """
        {"in_features": 8, "out_features": 1, "bias": false,
         "activation_function": "torch.nn.modules.activation.ReLU"}
        """);
    write(
        "3_Dense/config.json",
        """
        {"in_features": 1, "out_features": 2, "bias": true, "use_residual": true,
         "activation_function": "torch.nn.modules.linear.Identity"}
        """);
    List<float[]> expected = null;
    for (String dtype : List.of("F32", "F16", "BF16")) { // all numbers are exact in each
      writeWeights(
          "2_Dense", dtype, Map.of("linear.weight", first), Map.of("linear.weight", "[1,8]"));
      writeWeights(
          "3_Dense",
          dtype,
          Map.of(
              "linear.weight",
              second,
              "linear.bias",
              new float[] {0.5f, 1},
              "residual.weight",
              new float[] {1, 1}),
          Map.of("linear.weight", "[2,1]", "linear.bias", "[2]", "residual.weight", "[2,1]"));
      ModelFolder model = ModelFolder.read(folder);
      List<float[]> found = embed(model);
      float[] pooled = mean(tokens(model, TEXTS.get(0)), 0);
      float sum = 0;
      for (int d = 0; d < 8; d++) {
        sum += pooled[d] * first[d];
      }
      float relu = Math.max(0, sum);
      double x = 1.5 * relu + 0.5 + relu;
      double y = -2 * relu + 1 + relu;
      double norm = Math.hypot(x, y);
      assertArrayEquals(
          new float[] {(float) (x / norm), (float) (y / norm)}, found.get(0), 1e-5f, dtype);
      if (expected != null) {
        assertArrayEquals(expected.get(1), found.get(1), dtype);
      }
      expected = found;
    }
  }

  private void writeWeights(
      String module, String dtype, Map<String, float[]> tensors, Map<String, String> shapes)
      throws IOException {
    StringBuilder header = new StringBuilder("{");
    ByteBuffer data = ByteBuffer.allocate(4096).order(ByteOrder.LITTLE_ENDIAN);
    for (String name : tensors.keySet().stream().sorted().toList()) {
      int start = data.position();
      for (float value : tensors.get(name)) {
        int bits = Float.floatToIntBits(value);
        switch (dtype) {
          case "F32" -> data.putFloat(value);
          case "BF16" -> data.putShort((short) (bits >>> 16));
          default -> data.putShort(dev.poolmark.evaluator.safetensors.Half.of(value));
        }
      }
      header.append(
          "%s\"%s\":{\"dtype\":\"%s\",\"shape\":%s,\"data_offsets\":[%d,%d]}"
              .formatted(
                  header.length() > 1 ? "," : "",
                  name,
                  dtype,
                  shapes.get(name),
                  start,
                  data.position()));
    }
    byte[] json = header.append("}").toString().getBytes(StandardCharsets.UTF_8);
    ByteBuffer file =
        ByteBuffer.allocate(8 + json.length + data.position()).order(ByteOrder.LITTLE_ENDIAN);
    file.putLong(json.length).put(json).put(data.flip());
    Files.write(folder.resolve(module).resolve("model.safetensors"), file.array());
  }

  private ObjectNode tokenizer() throws IOException {
    return (ObjectNode) new ObjectMapper().readTree(folder.resolve("tokenizer.json").toFile());
  }

  private static List<float[]> embed(ModelFolder model) throws IOException {
    try (TokenEncoder encoder = model.open();
        SentenceEmbedder embedder =
            new SentenceEmbedder(
                encoder,
                model.pooler().create(PoolerOptions.of(List.of(), Map.of(), model.dim())))) {
      return embedder.embed(TEXTS);
    }
  }

  private static TokenEmbeddings tokens(ModelFolder model, String text) throws IOException {
    try (TokenEncoder encoder = model.open()) {
      return encoder.encode(List.of(text), done -> {}).get(0);
    }
  }

  /** Of the tokens from the given one on. */
  private static float[] mean(TokenEmbeddings sentence, int from) {
    float[] mean = new float[sentence.dim()];
    for (int i = from * mean.length; i < sentence.values().length; i++) {
      mean[i % mean.length] += sentence.values()[i] / (sentence.tokens() - from);
    }
    return mean;
  }

  private void write(String file, String text) throws IOException {
    Files.createDirectories(folder.resolve(file).getParent());
    Files.writeString(folder.resolve(file), text);
  }
}
