package dev.poolmark.evaluator.folder;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.poolmark.api.PoolerOptions;
import dev.poolmark.evaluator.encoder.OnnxModel;
import dev.poolmark.evaluator.encoder.TokenEncoder;
import dev.poolmark.evaluator.encoder.TokenIds;
import dev.poolmark.evaluator.encoder.TokenizerSettings;
import dev.poolmark.evaluator.encoder.TransformerEncoder;
import dev.poolmark.evaluator.files.BadDataException;
import dev.poolmark.evaluator.text.SentenceEmbedder;
import dev.poolmark.evaluator.transformer.Layers;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Folders around a tiny ONNX model, 8 wide, as people publish them. */
class TinyOnnxFolderTest {

  @TempDir private Path folder;

  @BeforeEach
  void layOut() throws IOException {
    TestFolders.writeModules(folder, "Transformer", "Pooling");
    write("1_Pooling/config.json", "{\"embedding_dimension\": 8, \"pooling_mode\": \"mean\"}");
    write(
        "config.json",
        "{\"model_type\": \"bert\", \"hidden_size\": 8, \"max_position_embeddings\": 64}");
    write("sentence_bert_config.json", "{\"max_seq_length\": 32, \"do_lower_case\": false}");
    copy("tokenizer.json", "tokenizer.json");
    copy("model.onnx", "onnx/model.onnx");
  }

  @Test
  void inputsOfInt32AreFedAsThoseOfInt64() throws IOException {
    float[] wide = embed("hello world");
    copy("model-int32.onnx", "onnx/model.onnx");
    assertArrayEquals(wide, embed("hello world"), 1e-6f);
  }

  @Test
  void shapeThatIsFixedIsNamedBeforeTheModelIsLoaded() throws IOException {
    copy("model-static.onnx", "onnx/model.onnx");
    assertFault(
        "onnx/model.onnx: expected input input_ids of shape (batch, seq), both open, for texts of"
            + " any length, found [1, 32]");
  }

  @Test
  void statesThatAreNoFloatsAreNamedWhenTheModelIsOpened() throws IOException {
    copy("model-double.onnx", "onnx/model.onnx");
    IOException fault =
        assertThrows(IOException.class, () -> ModelFolder.read(folder).open().close());
    assertTrue(
        fault
            .getMessage()
            .startsWith(
                folder.resolve("onnx/model.onnx")
                    + ": expected an output last_hidden_state of floats (batch, seq, dim), found"),
        fault.getMessage());
  }

  @Test
  void textsAreLoweredCharacterByCharacter() throws IOException {
    TokenizerSettings settings =
        new TokenizerSettings(
            folder.resolve("tokenizer.json"), 32, 0, true, TokenIds.Truncation.RIGHT);
    assertEquals("οδοσ straße i\u0307", settings.prepared("ΟΔΟΣ Straße İ"));
  }

  @Test
  void lengthAmongTheTokenizersArgumentsCountsBeforeTheModels() throws IOException {
    for (String key : List.of("processor_kwargs", "tokenizer_args")) {
      write(
          "sentence_bert_config.json",
          "{\"max_seq_length\": 32, \"" + key + "\": {\"model_max_length\": 7}}");
      assertEquals(7, ModelFolder.read(folder).maxTokens());
    }
  }

  @Test
  void sentenceThatIsTooLongIsCutAtTheEndThatTheTokenizerNames() throws IOException {
    write("sentence_bert_config.json", "{\"max_seq_length\": 4}");
    float[] start = embed("a b");
    float[] end = embed("c d");
    assertArrayEquals(start, embed("a b c d"), 1e-6f);
    write("tokenizer_config.json", "{\"truncation_side\": \"left\"}");
    assertArrayEquals(end, embed("a b c d"), 1e-6f);
    Path tokenizer = folder.resolve("tokenizer.json");
    String cutsLeft =
        Files.readString(tokenizer)
            .replace(
                "\"truncation\": null",
                "\"truncation\": {\"direction\": \"Left\", \"max_length\": 512,"
                    + " \"strategy\": \"LongestFirst\", \"stride\": 0}");
    Files.writeString(tokenizer, cutsLeft);
    write("tokenizer_config.json", "{\"truncation_side\": \"right\"}");
    assertArrayEquals(start, embed("a b c d"), 1e-6f);
    write("tokenizer_config.json", "{}");
    assertArrayEquals(end, embed("a b c d"), 1e-6f);
    write("tokenizer_config.json", "{\"truncation_side\": \"both\"}");
    assertFault(
        "tokenizer_config.json: expected key 'truncation_side' to be right or left, found 'both'");
  }

  @Test
  void modelThatContinuesTextsIsPooledByItsLastToken() throws IOException {
    write("1_Pooling/config.json", "{\"pooling_mode\": \"lasttoken\"}");
    float[] last = embed("hello world");
    Files.delete(folder.resolve("modules.json"));
    write(
        "config.json",
        "{\"hidden_size\": 8, \"max_position_embeddings\": 64,"
            + " \"architectures\": [\"Qwen3ForCausalLM\"]}");
    assertArrayEquals(last, embed("hello world"), 1e-6f);
  }

  @Test
  void normalizeOfTokensIsRefused() throws IOException {
    TestFolders.writeModules(folder, "Transformer", "Pooling", "Normalize");
    write("2_Normalize/config.json", "{\"module_input_name\": \"sentence_embedding\"}");
    ModelFolder.read(folder);
    write("2_Normalize/config.json", "{\"module_input_name\": \"token_embeddings\"}");
    assertFault(
        "2_Normalize/config.json: expected key 'module_input_name' to be 'sentence_embedding',"
            + " found 'token_embeddings'");
  }

  @Test
  void graphWithoutLayersHasNoOtherLayerThanTheLast() throws IOException {
    EncoderChoice choice = new EncoderChoice(Optional.empty(), Layers.parse("0"));
    BadDataException fault =
        assertThrows(BadDataException.class, () -> ModelFolder.read(folder, choice).open().close());
    assertEquals(
        folder.resolve("onnx/model.onnx")
            + ": expected a graph whose hidden states can be found, each half of a layer ending in a"
            + " norm of a sum with the norm before; or --weights safetensors, found 0 norms",
        fault.getMessage());
  }

  @Test
  void sentencesAreDescribedUnderOlderNamesOrNotAtAll() throws IOException {
    Files.move(
        folder.resolve("sentence_bert_config.json"),
        folder.resolve("sentence_xlm-roberta_config.json"));
    assertEquals(32, ModelFolder.read(folder).maxTokens());
    Files.delete(folder.resolve("sentence_xlm-roberta_config.json"));
    assertEquals(64, ModelFolder.read(folder).maxTokens());
    write("config.json", "{\"model_type\": \"bert\", \"hidden_size\": 8}");
    write("tokenizer_config.json", "{\"model_max_length\": 20}");
    assertEquals(20, ModelFolder.read(folder).maxTokens());
    write("tokenizer_config.json", "{}");
    assertFault(
        "sentence_bert_config.json: expected key 'max_seq_length' to be a number of tokens, or"
            + " model_max_length in tokenizer_config.json, found neither");
  }

  @Test
  void folderOfATransformerAloneIsTheMeanOfItsTokens() throws IOException {
    float[] mean = embed("hello world");
    Files.delete(folder.resolve("modules.json"));
    assertArrayEquals(mean, embed("hello world"), 1e-6f);
  }

  @Test
  void dropoutActsInTrainingAlone() throws IOException {
    float[] mean = embed("hello world");
    TestFolders.writeModules(folder, "Transformer", "Pooling", "Dropout");
    assertArrayEquals(mean, embed("hello world"), 1e-6f);
  }

  @Test
  void poolingWithoutAModeIsTheMean() throws IOException {
    float[] mean = embed("hello world");
    write(
        "1_Pooling/config.json",
        "{\"pooling_mode_mean_tokens\": false, \"pooling_mode_cls_token\": false}");
    assertArrayEquals(mean, embed("hello world"), 1e-6f);
  }

  @Test
  void firstTokenBehindAPromptIsTheOnePooledWhereThePromptDoesNotCount() throws IOException {
    write("1_Pooling/config.json", "{\"pooling_mode\": \"cls\", \"include_prompt\": false}");
    write(
        "config_sentence_transformers.json",
        "{\"prompts\": {\"query\": \"hello \"}, \"default_prompt_name\": \"query\"}");
    try (TokenEncoder encoder = ModelFolder.read(folder).open()) {
      float[] tokens = encoder.encode(List.of("world"), done -> {}).get(0).values();
      int prompt = encoder.tokenize(List.of("")).get(0).count() - 1;
      float[] first = Arrays.copyOfRange(tokens, prompt * 8, (prompt + 1) * 8);
      assertArrayEquals(first, embed("world"), 1e-6f);
    }
  }

  @Test
  void halfOfACharacterIsReplacedAndTheRestStaysWhole() throws IOException {
    try (TokenEncoder encoder = ModelFolder.read(folder).open()) {
      List<TokenIds> ids =
          encoder.tokenize(
              List.of(
                  "party \ud83d\ude00 time \ud83c\udf89 \ud83d",
                  "party \ud83d\ude00 time \ud83c\udf89 \ufffd",
                  "\ude00\ud83d",
                  "\ufffd\ufffd"));
      assertArrayEquals(ids.get(1).ids(), ids.get(0).ids());
      assertArrayEquals(ids.get(3).ids(), ids.get(2).ids());
    }
  }

  /** A tokenizer of bytes: these are "hi" and a space that doesn't break. */
  private TokenEncoder bytePairs(String merges) throws IOException {
    Path bytes = folder.resolve("bytes.json");
    Files.writeString(
        bytes,
        """
        {"version": "1.0", "added_tokens": [], "normalizer": null, "post_processor": null,
         "decoder": null, "truncation": null, "padding": null,
         "pre_tokenizer": {"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true,
                           "use_regex": true},
         "model": {"type": "BPE", "dropout": null, "unk_token": null, "fuse_unk": false,
                   "vocab": {"h": 0, "i": 1, "Â": 2, "ł": 3, "hi": 4, "Âł": 5},
                   "merges": %s}}
        """
            .formatted(merges));
    return TransformerEncoder.open(
        new TokenizerSettings(bytes, 32, 0, false, TokenIds.Truncation.RIGHT),
        () -> OnnxModel.open(folder.resolve("onnx/model.onnx"), OptionalInt.of(8), Layers.LAST));
  }

  @Test
  void spacesThatDontBreakAreTextToATokenizerOfBytes() throws IOException {
    try (TokenEncoder encoder = bytePairs("[\"h i\", \"Â ł\"]")) {
      List<TokenIds> ids = encoder.tokenize(List.of("\u00a0hi\u00a0", "hi"));
      assertArrayEquals(new long[] {5, 4, 5}, ids.get(0).ids());
      assertArrayEquals(new long[] {4}, ids.get(1).ids());
    }
  }

  @Test
  void mergesAreReadAsNewerTokenizersWriteThem() throws IOException {
    try (TokenEncoder encoder = bytePairs("[[\"h\", \"i\"], [\"Â\", \"ł\"]]")) {
      assertArrayEquals(new long[] {5, 4}, encoder.tokenize(List.of("\u00a0hi")).get(0).ids());
    }
    BadDataException fault =
        assertThrows(BadDataException.class, () -> bytePairs("[[\"h\", \"i i\"]]").close());
    assertEquals(
        folder.resolve("bytes.json") + ": expected merges of two parts without spaces, found 'i i'",
        fault.getMessage());
  }

  private float[] embed(String text) throws IOException {
    ModelFolder model = ModelFolder.read(folder);
    try (TokenEncoder encoder = model.open();
        SentenceEmbedder embedder =
            new SentenceEmbedder(
                encoder, model.pooler().create(PoolerOptions.of(List.of(), Map.of(), 8)))) {
      return embedder.embed(List.of(text)).get(0);
    }
  }

  private void assertFault(String expected) {
    BadDataException fault = assertThrows(BadDataException.class, () -> ModelFolder.read(folder));
    assertEquals(folder + "/" + expected, fault.getMessage());
  }

  private void copy(String resource, String file) throws IOException {
    Files.createDirectories(folder.resolve(file).getParent());
    try (InputStream in = TinyOnnxFolderTest.class.getResourceAsStream("tiny/" + resource)) {
      Files.copy(in, folder.resolve(file), StandardCopyOption.REPLACE_EXISTING);
    }
  }

  private void write(String file, String text) throws IOException {
    Files.createDirectories(folder.resolve(file).getParent());
    Files.writeString(folder.resolve(file), text);
  }
}
