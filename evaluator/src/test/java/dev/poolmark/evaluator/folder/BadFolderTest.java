package dev.poolmark.evaluator.folder;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.poolmark.evaluator.files.BadDataException;
import dev.poolmark.evaluator.safetensors.SafetensorsWriter;
import dev.poolmark.evaluator.safetensors.Shape;
import dev.poolmark.evaluator.safetensors.TensorData;
import dev.poolmark.evaluator.transformer.Layers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every missing or broken file of a model folder has its own line. */
class BadFolderTest {

  @TempDir private Path folder;

  @BeforeEach
  void writeGoodFolder() throws IOException {
    TestFolders.withWeightsUnread(folder);
  }

  @Test
  void goodFolderIsRead() throws IOException {
    assertEquals(384, ModelFolder.read(folder).dim());
    assertEquals(128, ModelFolder.read(folder).maxTokens());
  }

  @Test
  void folderThatIsMissingIsNamed() {
    Path missing = folder.resolve("nowhere");
    BadDataException fault = assertThrows(BadDataException.class, () -> ModelFolder.read(missing));
    assertEquals(missing + ": expected a model folder, found no such folder", fault.getMessage());
  }

  @Test
  void eachMissingFileIsNamedWithItsPurpose() throws IOException {
    assertMissing("config.json", "the model's configuration");
    assertMissing("tokenizer.json", "the tokenizer");
    assertMissing("1_Pooling/config.json", "the Pooling module's settings");
    Files.delete(folder.resolve("config.json"));
    assertMissing("modules.json", "the model's modules");
  }

  private void assertMissing(String file, String purpose) throws IOException {
    byte[] content = Files.readAllBytes(folder.resolve(file));
    Files.delete(folder.resolve(file));
    assertFault(file, "expected " + purpose + ", found no such file");
    Files.write(folder.resolve(file), content);
  }

  @Test
  void eachBrokenFileIsNamed() throws IOException {
    for (String file :
        new String[] {
          "modules.json",
          "config.json",
          "sentence_bert_config.json",
          "tokenizer.json",
          "1_Pooling/config.json"
        }) {
      byte[] content = Files.readAllBytes(folder.resolve(file));
      write(file, "{\"cut\": ");
      BadDataException fault = assertThrows(BadDataException.class, () -> ModelFolder.read(folder));
      String start = folder.resolve(file) + ": expected JSON, found something else: ";
      assertEquals(start, fault.getMessage().substring(0, start.length()));
      write(file, "");
      assertFault(file, "expected JSON, found an empty file");
      write(file, "\"text\"");
      assertFault(
          file,
          file.equals("modules.json")
              ? "expected a list of modules, found \"text\""
              : "expected a JSON object, found \"text\"");
      Files.write(folder.resolve(file), content);
    }
  }

  @Test
  void valueOfTheWrongTypeIsNamedByItsKey() throws IOException {
    write("sentence_bert_config.json", "{\"max_seq_length\": \"128\"}");
    assertFault(
        "sentence_bert_config.json",
        "expected key 'max_seq_length' to be a whole number, found \"128\"");
    write("sentence_bert_config.json", "{\"max_seq_length\": 0}");
    assertFault(
        "sentence_bert_config.json",
        "expected key 'max_seq_length' to be a number of at least 1, found 0");
    write("sentence_bert_config.json", "{\"max_seq_length\": 128, \"do_lower_case\": 1}");
    assertFault(
        "sentence_bert_config.json", "expected key 'do_lower_case' to be true or false, found 1");
  }

  @Test
  void moreTokensThanPositionsAreRefused() throws IOException {
    write("sentence_bert_config.json", "{\"max_seq_length\": 1024}");
    assertFault(
        "sentence_bert_config.json",
        "expected key 'max_seq_length' to be at most 512, the positions that config.json tells of,"
            + " found 1024");
  }

  @Test
  void widthIsAskedFor() throws IOException {
    write("config.json", "{\"model_type\": \"bert\"}");
    assertFault(
        "config.json",
        "expected key 'hidden_size' to be the width of the token embeddings, found no such key");
  }

  @Test
  void unknownModuleIsNamed() throws IOException {
    TestFolders.writeModules(folder, "Transformer", "Pooling", "LSTM");
    assertFault(
        "modules.json",
        "expected key 'type' of module 2 to be sentence_transformers' Transformer, Pooling, Dense, Normalize"
            + " or Dropout, found 'sentence_transformers.models.LSTM'");
  }

  @Test
  void ourOwnExportForPythonIsToldFromOthers() throws IOException {
    TestFolders.writeModules(folder, "Transformer", "Pooling");
    String modules = Files.readString(folder.resolve("modules.json"));
    write(
        "modules.json",
        modules.replaceFirst(
            "\"sentence_transformers[^\"]*Pooling\"", "\"poolmark_pooler.PoolmarkPooler\""));
    assertFault(
        "modules.json",
        "expected key 'type' of module 1 to be sentence_transformers' Transformer, Pooling, Dense, Normalize"
            + " or Dropout, found what 'export --as sentence-transformers' wrote; take the encoder's"
            + " own folder, with the trained model as --pooler");
  }

  @Test
  void moduleWithoutPathIsNamed() throws IOException {
    write("modules.json", "[{\"type\": \"sentence_transformers.models.Transformer\"}]");
    assertFault("modules.json", "expected key 'path' of module 0 to be text, found no such key");
  }

  @Test
  void modulesOutOfOrderAreRefused() throws IOException {
    TestFolders.writeModules(folder, "Transformer");
    assertFault(
        "modules.json", "expected key 'type' of module 1 to be a Pooling, found no such module");
    TestFolders.writeModules(folder, "Transformer", "Normalize", "Pooling");
    assertFault("modules.json", "expected key 'type' of module 1 to be a Pooling, found Normalize");
  }

  @Test
  void modeAndFlagsThatContradictAreRefused() throws IOException {
    TestFolders.writePooling(
        folder, "\"pooling_mode\": \"cls\", \"pooling_mode_mean_tokens\": true");
    assertFault(
        "1_Pooling/config.json",
        "expected key 'pooling_mode' to be what the flags say, [pooling_mode_mean_tokens], found"
            + " \"cls\"");
  }

  @Test
  void unknownModesAreRefused() throws IOException {
    TestFolders.writePooling(folder, "\"pooling_mode\": [\"mean\", \"median\"]");
    assertFault(
        "1_Pooling/config.json",
        "expected key 'pooling_mode' to be of cls, max, mean, mean_sqrt_len_tokens, weightedmean,"
            + " lasttoken, each once, found [\"mean\",\"median\"]");
    TestFolders.writePooling(folder, "\"pooling_mode_median_tokens\": true");
    assertFault(
        "1_Pooling/config.json",
        "expected key 'pooling_mode_median_tokens' to be no flag, or false: no such mode is known,"
            + " found true");
  }

  @Test
  void poolingOfAnotherWidthIsRefused() throws IOException {
    write(
        "1_Pooling/config.json", "{\"word_embedding_dimension\": 768, \"pooling_mode\": \"mean\"}");
    assertFault(
        "1_Pooling/config.json",
        "expected key 'word_embedding_dimension' to be 384, the width of the model, found 768");
  }

  @Test
  void weightsThatAreMissingAreNamed() throws IOException {
    EncoderChoice choice = new EncoderChoice(Optional.of(WeightsKind.BIN), Layers.LAST);
    BadDataException fault =
        assertThrows(BadDataException.class, () -> ModelFolder.read(folder, choice));
    assertEquals(
        folder + ": expected weights as pytorch_model.bin, found none of that kind",
        fault.getMessage());
    Files.delete(folder.resolve("onnx/model.onnx"));
    fault = assertThrows(BadDataException.class, () -> ModelFolder.read(folder));
    assertEquals(
        folder
            + ": expected weights as onnx/model.onnx, or model.pt, or model.safetensors, or"
            + " pytorch_model.bin, found none of them",
        fault.getMessage());
  }

  @Test
  void hiddenFilesBesideAModelArePassedOver() throws IOException {
    Files.move(folder.resolve("onnx/model.onnx"), folder.resolve("onnx/model_quantized.onnx"));
    write("onnx/._model_quantized.onnx", "what macOS leaves");
    write("onnx/.model.onnx", "hidden");
    assertEquals(384, ModelFolder.read(folder).dim());
  }

  @Test
  void onlyQuantisedModelIsTakenAndSeveralAreRefused() throws IOException {
    Files.move(
        folder.resolve("onnx/model.onnx"), folder.resolve("onnx/model_qint8_avx512_vnni.onnx"));
    ModelFolder.read(folder);
    write("onnx/model_quantized.onnx", "another");
    BadDataException fault = assertThrows(BadDataException.class, () -> ModelFolder.read(folder));
    assertEquals(
        folder
            + ": expected weights as onnx/model.onnx, or else one file that can be run, found"
            + " [onnx/model_qint8_avx512_vnni.onnx, onnx/model_quantized.onnx]",
        fault.getMessage());
  }

  @Test
  void brokenWeightsAreNamedWhenTheyAreOpened() throws IOException {
    IOException fault =
        assertThrows(IOException.class, () -> ModelFolder.read(folder).open().close());
    String start = folder.resolve("onnx/model.onnx") + ": expected an ONNX model, found: ";
    assertEquals(start, fault.getMessage().substring(0, start.length()));

    Files.move(folder.resolve("onnx/model.onnx"), folder.resolve("model.pt"));
    fault = assertThrows(IOException.class, () -> ModelFolder.read(folder).open().close());
    start = folder.resolve("model.pt") + ": expected a TorchScript model with a forward of ";
    assertEquals(start, fault.getMessage().substring(0, start.length()));
  }

  @Test
  void promptsAreChecked() throws IOException {
    write("config_sentence_transformers.json", "{\"default_prompt_name\": \"query\"}");
    assertFault(
        "config_sentence_transformers.json",
        "expected key 'default_prompt_name' to be one of [], found 'query'");
    write("config_sentence_transformers.json", "{\"prompts\": {\"query\": 1}}");
    assertFault(
        "config_sentence_transformers.json", "expected key 'prompts.query' to be text, found 1");
    write("config_sentence_transformers.json", "{\"prompts\": {\"query\": \"query: \"}}");
    assertEquals("", ModelFolder.read(folder).prompt());
    assertEquals("query: ", ModelFolder.read(folder).forQueries().prompt());
    assertEquals("", ModelFolder.read(folder).forDocuments().prompt());
    BadDataException fault =
        assertThrows(BadDataException.class, () -> ModelFolder.read(folder).withPrompt("title"));
    assertEquals(
        folder.resolve("config_sentence_transformers.json")
            + ": expected a prompt 'title' among the prompts, found [query]",
        fault.getMessage());
  }

  @Test
  void eachFaultOfADenseModuleIsNamed() throws IOException {
    TestFolders.writeModules(folder, "Transformer", "Pooling", "Dense");
    assertFault("2_Dense/config.json", "expected the Dense module's settings, found no such file");
    Files.createDirectories(folder.resolve("2_Dense"));
    write("2_Dense/config.json", "{\"in_features\": 768, \"out_features\": 2}");
    assertFault(
        "2_Dense/config.json",
        "expected key 'in_features' to be 384, what the module before gives, found 768");
    write(
        "2_Dense/config.json",
        "{\"in_features\": 384, \"out_features\": 2, \"activation_function\": \"torch.nn.Mish\"}");
    assertFault(
        "2_Dense/config.json",
        "expected key 'activation_function' to be one of torch.nn's Identity, Tanh, ReLU, Sigmoid,"
            + " SiLU, GELU, found 'torch.nn.Mish'");
    write("2_Dense/config.json", "{\"in_features\": 384, \"out_features\": 2}");
    assertFault(
        "2_Dense/model.safetensors",
        "expected the Dense module's weights, or pytorch_model.bin beside it, found no such file");
    writeWeights(Map.of("linear.weight", TensorData.of(new float[768], 2, 384)));
    assertFault("2_Dense/model.safetensors", "expected a tensor linear.bias, found no such name");
    writeWeights(Map.of("linear.weight", TensorData.of(new float[768], 384, 2)));
    assertFault(
        "2_Dense/model.safetensors",
        "expected a tensor linear.weight of F32, F16 or BF16 [2, 384], found F32 [384, 2]");
  }

  @Test
  void denseModulesThatDoOtherThingsAreRefused() throws IOException {
    TestFolders.writeModules(folder, "Transformer", "Pooling", "Dense");
    Files.createDirectories(folder.resolve("2_Dense"));
    write(
        "2_Dense/config.json",
        "{\"in_features\": 384, \"out_features\": 2, \"module_input_name\": \"token_embeddings\"}");
    assertFault(
        "2_Dense/config.json",
        "expected key 'module_input_name' to be 'sentence_embedding', found 'token_embeddings'");
    write(
        "2_Dense/config.json",
        "{\"in_features\": 384, \"out_features\": 2, \"use_residual\": true}");
    writeWeights(
        Map.of(
            "linear.weight",
            TensorData.of(new float[768], 2, 384),
            "linear.bias",
            TensorData.of(new float[2], 2)));
    BadDataException fault = assertThrows(BadDataException.class, () -> ModelFolder.read(folder));
    assertTrue(
        fault.getMessage().endsWith("expected a tensor residual.weight, found no such name"));
    write("2_Dense/pytorch_model.bin", "pickle");
    Files.delete(folder.resolve("2_Dense/model.safetensors"));
    assertFault(
        "2_Dense/pytorch_model.bin",
        "expected a zip, as torch.save writes it, found something else");
  }

  @Test
  void whatAGitCloneLeavesInPlaceOfLargeFilesIsNamed() throws IOException {
    write(
        "onnx/model.onnx",
        "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 90387606\n");
    assertFault(
        "onnx/model.onnx",
        "expected weights, found a pointer of Git LFS; fetch them with: git lfs pull");
  }

  @Test
  void tokenizerOfAnOlderKindNamesTheCommandThatConvertsIt() throws IOException {
    Files.delete(folder.resolve("tokenizer.json"));
    write("vocab.txt", "[PAD]");
    assertFault(
        "tokenizer.json",
        ("expected the tokenizer, found only vocab.txt; convert it with: python -c \"from"
                + " transformers import AutoTokenizer;"
                + " AutoTokenizer.from_pretrained('%s').save_pretrained('%s')\"")
            .formatted(folder, folder));
  }

  @Test
  void lengthThatIsNotSaidIsThatOfPositionsAndTokenizer() throws IOException {
    write("sentence_bert_config.json", "{\"max_seq_length\": null, \"do_lower_case\": false}");
    assertEquals(512, ModelFolder.read(folder).maxTokens());
    write("tokenizer_config.json", "{\"model_max_length\": 1000000000000000019884624838656}");
    assertEquals(512, ModelFolder.read(folder).maxTokens());
    write("tokenizer_config.json", "{\"model_max_length\": 510}");
    assertEquals(510, ModelFolder.read(folder).maxTokens());
    write("tokenizer_config.json", "{\"model_max_length\": \"many\"}");
    assertFault(
        "tokenizer_config.json",
        "expected key 'model_max_length' to be a number of at least 1, found \"many\"");
  }

  @Test
  void modelBesideItsFolderOnnxIsTaken() throws IOException {
    Files.move(folder.resolve("onnx/model.onnx"), folder.resolve("model.onnx"));
    ModelFolder.read(folder);
  }

  private void writeWeights(Map<String, TensorData> tensors) throws IOException {
    try (SafetensorsWriter out = SafetensorsWriter.in(folder.resolve("2_Dense"))) {
      Map<String, Shape> shapes = new LinkedHashMap<>();
      for (Map.Entry<String, TensorData> tensor : tensors.entrySet()) {
        out.append(tensor.getValue());
        shapes.put(
            tensor.getKey(), new Shape(tensor.getValue().dtype(), tensor.getValue().shape()));
      }
      out.commit("model.safetensors", shapes, Map.of());
    }
  }

  private void assertFault(String file, String expected) {
    BadDataException fault = assertThrows(BadDataException.class, () -> ModelFolder.read(folder));
    assertEquals(folder.resolve(file) + ": " + expected, fault.getMessage());
  }

  private void write(String file, String text) throws IOException {
    Files.writeString(folder.resolve(file), text);
  }
}
