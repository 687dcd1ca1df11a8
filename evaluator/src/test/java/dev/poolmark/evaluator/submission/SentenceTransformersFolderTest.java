package dev.poolmark.evaluator.submission;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.poolmark.api.TorchPooler;
import dev.poolmark.evaluator.encoder.PromptedEncoder;
import dev.poolmark.evaluator.files.BadDataException;
import dev.poolmark.evaluator.folder.EncoderChoice;
import dev.poolmark.evaluator.folder.ModelFolder;
import dev.poolmark.evaluator.folder.TestFolders;
import dev.poolmark.evaluator.folder.TransformersPython;
import dev.poolmark.evaluator.plugin.BadSpecException;
import dev.poolmark.evaluator.plugin.PluginCatalog;
import dev.poolmark.evaluator.plugin.PoolerSpec;
import dev.poolmark.evaluator.plugin.SpecifiedPooler;
import dev.poolmark.evaluator.plugin.TrainedModel;
import dev.poolmark.evaluator.text.SentenceEmbedder;
import dev.poolmark.evaluator.torch.InitialWeights;
import dev.poolmark.evaluator.transformer.Layers;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Exported folders beside the real sentence-transformers. */
class SentenceTransformersFolderTest {

  private static final PluginCatalog PLUGINS =
      PluginCatalog.of(List.of(Path.of(System.getProperty("poolmark.plugins"))));

  private static final List<String> SENTENCES =
      List.of("w7", "w7 w8 w9 w10 w11 w12", "w40 w41", "w50 w50 w51 w52", "w9 w8 w7 w6 w5 w99");

  @TempDir private static Path work;

  @Test
  void theRealLibraryEmbedsWhatPoolmarkEmbeds() throws IOException, InterruptedException {
    TransformersPython.assume();
    List<String> specs =
        List.of(
            "attention:output_dim=6",
            "transformer:output_dim=6,heads=2,inner=6,hidden=7",
            "weightedmean",
            "whitening:output_dim=6",
            "sum");
    Path small = small("bert", "\"dtype\":\"float16\"");
    Path minilm = TransformersPython.minilm();
    List<Path> exported = new ArrayList<>();
    List<List<float[]>> expected = new ArrayList<>();
    for (String spec : specs) {
      export(small, spec, exported, expected);
    }
    export(minilm, specs.get(0), exported, expected);
    JsonNode found = embeddings(exported);
    for (int folder = 0; folder < exported.size(); folder++) {
      for (int sentence = 0; sentence < SENTENCES.size(); sentence++) {
        assertClose(
            expected.get(folder).get(sentence),
            found.get(exported.get(folder).toString()).get(sentence),
            exported.get(folder) + ": " + SENTENCES.get(sentence));
      }
    }
  }

  @Test
  void whatCannotBeLoadedThereIsRefusedAndNothingIsLeft() throws IOException {
    Path onnx = TestFolders.minilm(Files.createDirectories(work.resolve("onnx")), 32);
    Path out = work.resolve("refused");
    SpecifiedPooler sum = pooler("sum", 384);
    BadDataException noWeights =
        assertThrows(
            BadDataException.class,
            () -> SentenceTransformersFolder.write(sum, ModelFolder.read(onnx), out));
    assertTrue(
        noWeights.getMessage().contains("expected weights as model.safetensors"),
        noWeights.getMessage());
    EncoderChoice embeddingLayer = new EncoderChoice(Optional.empty(), Layers.parse("0"));
    BadDataException layer =
        assertThrows(
            BadDataException.class,
            () ->
                SentenceTransformersFolder.write(sum, ModelFolder.read(onnx, embeddingLayer), out));
    assertTrue(layer.getMessage().contains("expected the last layer"), layer.getMessage());
    SpecifiedPooler untrained = PLUGINS.create(PoolerSpec.parse("attention:output_dim=6"), 384);
    Files.createFile(onnx.resolve("model.safetensors"));
    assertThrows(
        BadSpecException.class,
        () -> SentenceTransformersFolder.write(untrained, ModelFolder.read(onnx), out));
    BadDataException taken =
        assertThrows(
            BadDataException.class,
            () -> SentenceTransformersFolder.write(sum, ModelFolder.read(onnx), onnx));
    assertTrue(
        taken.getMessage().endsWith("expected a new folder, found one that is not empty"),
        taken.getMessage());
    assertFalse(Files.exists(out));
  }

  private static Path small(String type, String keys) throws IOException, InterruptedException {
    String config =
        "\"vocab_size\":100,\"hidden_size\":32,\"num_hidden_layers\":2,\"num_attention_heads\":4,"
            + "\"intermediate_size\":48,\"max_position_embeddings\":64,\"model_type\":\"%s\",%s"
                .formatted(type, keys);
    TransformersPython.writeModels(work, "{\"%s\":{%s}}".formatted(type, config));
    Path folder = work.resolve(type);
    TestFolders.aroundWeights(folder, 100);
    Files.writeString(
        folder.resolve("tokenizer_config.json"),
        "{\"tokenizer_class\":\"PreTrainedTokenizerFast\",\"pad_token\":\"w0\",\"unk_token\":\"w0\"}");
    Files.writeString(
        folder.resolve("config_sentence_transformers.json"),
        "{\"prompts\":{\"query\":\"w20 w21 \"},\"default_prompt_name\":\"query\"}");
    return folder;
  }

  private static void export(
      Path encoder, String spec, List<Path> exported, List<List<float[]>> expected)
      throws IOException {
    ModelFolder model = ModelFolder.read(encoder);
    SpecifiedPooler pooler = pooler(spec, model.dim());
    Path out = work.resolve("exported-" + exported.size());
    SentenceTransformersFolder.write(pooler, model, out);
    exported.add(out);
    try (PromptedEncoder opened = model.open();
        SentenceEmbedder embedder = new SentenceEmbedder(opened, pooler.pooler())) {
      expected.add(embedder.embed(SENTENCES));
    }
  }

  /** With random weights, as training may leave them. */
  private static SpecifiedPooler pooler(String spec, int dim) {
    SpecifiedPooler made = PLUGINS.create(PoolerSpec.parse(spec), dim);
    TorchPooler lines = (TorchPooler) made.pooler();
    return new SpecifiedPooler(
        made.name(),
        made.spec(),
        made.plugin(),
        made.version(),
        TrainedModel.withWeights(
            lines, InitialWeights.of(lines, 1).stream().map(SubmissionTest::randomised).toList()));
  }

  private static JsonNode embeddings(List<Path> folders) throws IOException, InterruptedException {
    Path script = work.resolve("sentence_transformers_embeddings.py");
    try (InputStream in =
        SentenceTransformersFolderTest.class.getResourceAsStream(script.getFileName().toString())) {
      Files.copy(in, script);
    }
    List<String> command = new ArrayList<>(List.of(script.toString()));
    folders.forEach(folder -> command.add(folder.toString()));
    ObjectMapper json = new ObjectMapper();
    return json.readTree(
        TransformersPython.run(json.writeValueAsString(SENTENCES), command.toArray(String[]::new)));
  }

  private static void assertClose(float[] expected, JsonNode found, String message) {
    assertEquals(expected.length, found.size(), message);
    double largest = 1;
    for (float value : expected) {
      largest = Math.max(largest, Math.abs(value));
    }
    for (int i = 0; i < expected.length; i++) {
      assertEquals(expected[i], found.get(i).asDouble(), 1e-5 * largest, message);
    }
  }
}
