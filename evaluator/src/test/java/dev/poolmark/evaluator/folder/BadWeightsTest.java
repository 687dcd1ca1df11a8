package dev.poolmark.evaluator.folder;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.poolmark.evaluator.encoder.TokenEncoder;
import dev.poolmark.evaluator.files.BadDataException;
import dev.poolmark.evaluator.safetensors.SafetensorsWriter;
import dev.poolmark.evaluator.safetensors.Shape;
import dev.poolmark.evaluator.safetensors.TensorData;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Weights alone that are not what the config says: each fault has its own line. */
class BadWeightsTest {

  private static final String WEIGHTS = "model.safetensors";
  private static final String INDEX = "model.safetensors.index.json";
  private static final String WORDS = "embeddings.word_embeddings.weight";

  @TempDir private Path folder;
  private final Map<String, int[]> shapes = new TreeMap<>();

  @BeforeEach
  void layOut() throws IOException {
    TestFolders.aroundWeights(folder, 30);
    config("");
    shapes.put(WORDS, new int[] {30, 8});
    shapes.put("embeddings.position_embeddings.weight", new int[] {64, 8});
    shapes.put("embeddings.token_type_embeddings.weight", new int[] {2, 8});
    norm("embeddings.LayerNorm");
    String layer = "encoder.layer.0.";
    for (String part : List.of("self.query", "self.key", "self.value", "output.dense")) {
      linear(layer + "attention." + part, 8, 8);
    }
    norm(layer + "attention.output.LayerNorm");
    linear(layer + "intermediate.dense", 8, 16);
    linear(layer + "output.dense", 16, 8);
    norm(layer + "output.LayerNorm");
    write(WEIGHTS, "", shapes);
  }

  @Test
  void prefixesAndHeadsAreNoFault() throws IOException {
    assertRuns();
    for (String prefix : List.of("bert.", "0.auto_model.", "model.bert.")) {
      Map<String, int[]> more = new TreeMap<>(shapes);
      write(WEIGHTS, prefix, more);
      assertRuns();
    }
    shapes.put("pooler.dense.weight", new int[] {8, 8});
    shapes.put("cls.predictions.bias", new int[] {30});
    shapes.put("embeddings.position_ids", new int[] {1, 64});
    write(WEIGHTS, "", shapes);
    assertRuns();
  }

  @Test
  void kindOfModelThatIsNotKnownIsNamed() throws IOException {
    write("config.json", "{\"model_type\": \"t5\", \"hidden_size\": 8}");
    assertFault(
        "config.json: expected key 'model_type' to be one of [albert, bert, camembert, distilbert,"
            + " electra, modernbert, mpnet, nomic_bert, roberta, xlm-roberta], to run weights alone,"
            + " found 't5'");
  }

  @Test
  void keysThatAreNotDoneAreRefused() throws IOException {
    config(", \"position_embedding_type\": \"relative_key\"");
    assertFault(
        "config.json: expected key 'position_embedding_type' to be absolute, or missing, found"
            + " relative_key");
    config(", \"head_dim\": 16");
    assertFault("config.json: expected key 'head_dim' to be 4, or missing, found 16");
    config(", \"num_key_value_heads\": 1");
    assertFault("config.json: expected key 'num_key_value_heads' to be 2, or missing, found 1");
    config(", \"auto_map\": {\"AutoModel\": \"modeling.OwnBert\"}");
    assertFault(
        "config.json: expected key 'auto_map' to be without a model of its own code, found"
            + " \"modeling.OwnBert\"");
    config(", \"is_decoder\": true");
    assertFault("config.json: expected key 'is_decoder' to be false, or missing, found true");
    config(", \"hidden_act\": \"mish\"");
    assertFault(
        "config.json: expected key 'hidden_act' to be one of [gelu, gelu_fast, gelu_new,"
            + " gelu_python, gelu_pytorch_tanh, relu, silu, swish, tanh], found 'mish'");
    config(", \"num_attention_heads\": 3");
    assertFault(
        "config.json: expected key 'num_attention_heads' to be a divisor of the width 8, found 3");
  }

  @Test
  void weightsThatAreMissingLeftOverOrOfAnotherShapeAreNamed() throws IOException {
    shapes.put("encoder.layer.1.output.dense.bias", new int[] {8});
    write(WEIGHTS, "", shapes);
    assertFault(
        WEIGHTS
            + ": expected no weights of the encoder but those that its config.json tells of, found"
            + " encoder.layer.1.output.dense.bias");
    shapes.remove("encoder.layer.1.output.dense.bias");
    int[] shape = shapes.remove("encoder.layer.0.output.dense.bias");
    write(WEIGHTS, "bert.", shapes);
    assertFault(
        WEIGHTS
            + ": expected 21 weights of the encoder, below bert., found no"
            + " encoder.layer.0.output.dense.bias");
    shapes.put("encoder.layer.0.output.dense.bias", new int[] {shape[0] + 1});
    write(WEIGHTS, "", shapes);
    assertFault(
        WEIGHTS
            + ": expected a tensor encoder.layer.0.output.dense.bias of F32, F16 or BF16 [8], found"
            + " F32 [9]");
    write(WEIGHTS, "", Map.of("lm_head.bias", new int[] {3}));
    assertFault(WEIGHTS + ": expected a weight " + WORDS + ", found only lm_head.bias, checksums");
  }

  @Test
  void tokenizerWithMoreIdsThanTheEmbeddingHasRowsIsNamed() throws IOException {
    TestFolders.aroundWeights(folder, 31);
    assertFault(
        "tokenizer.json: expected ids below 30, the rows of the embeddings, found ids up to 30");
  }

  @Test
  void shardsAreCheckedAgainstTheirIndex() throws IOException {
    Files.move(folder.resolve(WEIGHTS), folder.resolve("model-00001-of-00001.safetensors"));
    index("model-00001-of-00001.safetensors", "");
    assertRuns();
    index("model-00002-of-00002.safetensors", "");
    assertFault(
        INDEX
            + ": expected key 'weight_map."
            + shapes.keySet().iterator().next()
            + "' to name a file that is there, found no file model-00002-of-00002.safetensors");
    index("../" + folder.getFileName() + "/model-00001-of-00001.safetensors", "");
    assertTrue(fault().contains("to be the name of a file beside it"));
    index("model-00001-of-00001.safetensors", ", \"w\": \"model-00001-of-00001.safetensors\"");
    assertFault(
        "model-00001-of-00001.safetensors: expected a tensor w, as "
            + INDEX
            + " says, found no such"
            + " name");
    index("model-00001-of-00001.safetensors", "");
    Path shard = folder.resolve("model-00001-of-00001.safetensors");
    byte[] whole = Files.readAllBytes(shard);
    Files.write(shard, Arrays.copyOf(whole, whole.length - 4));
    assertTrue(
        fault()
            .matches(
                ".*model-00001-of-00001.safetensors: expected \\d+ bytes of tensors, found \\d+"));
  }

  @Test
  void pickleThatWantsToRunCodeIsRefusedByWhatItNames() throws IOException {
    Files.delete(folder.resolve(WEIGHTS));
    pickle("cposix\nsystem\n(S'true'\ntR.");
    assertFault(
        "pytorch_model.bin: expected a pickle of tensors and nothing else, found one that names"
            + " posix.system");
    pickle("(S'true'\niposix\nsystem\n.");
    assertFault(
        "pytorch_model.bin: expected a pickle of tensors and nothing else, found one that makes"
            + " objects");
    pickle("\u0080\u0004\u008c\u0008builtins\u008c\u0004eval\u0093\u008c\u00011\u0085R.");
    assertFault(
        "pytorch_model.bin: expected a pickle of tensors and nothing else, found one that names"
            + " builtins.eval");
    pickle("}.");
    assertFault("pytorch_model.bin: expected a weight " + WORDS + ", found only ");
    pickle("(((");
    assertTrue(fault().contains("pytorch_model.bin: expected a pickle of named tensors, found"));
  }

  @Test
  void formatsThatTorchNoLongerWritesAreNamed() throws IOException {
    Files.delete(folder.resolve(WEIGHTS));
    Files.write(
        folder.resolve("pytorch_model.bin"),
        new byte[] {(byte) 0x80, 2, (byte) 0x8a, 10, 0x6c, (byte) 0xfc, (byte) 0x9c, 0x46});
    assertFault(
        "pytorch_model.bin: expected a zip, as torch.save writes it since torch 1.6, found the"
            + " format before that; load and save it once with a newer torch");
  }

  private void pickle(String opcodes) throws IOException {
    try (OutputStream file = Files.newOutputStream(folder.resolve("pytorch_model.bin"));
        ZipOutputStream zip = new ZipOutputStream(file)) {
      byte[] bytes = opcodes.getBytes(StandardCharsets.ISO_8859_1);
      ZipEntry entry = new ZipEntry("archive/data.pkl");
      CRC32 crc = new CRC32();
      crc.update(bytes);
      entry.setMethod(ZipEntry.STORED);
      entry.setSize(bytes.length);
      entry.setCrc(crc.getValue());
      zip.putNextEntry(entry);
      zip.write(bytes);
      zip.closeEntry();
    }
  }

  private void index(String file, String more) throws IOException {
    StringBuilder map = new StringBuilder();
    shapes.keySet().forEach(name -> map.append(", \"" + name + "\": \"" + file + "\""));
    write(INDEX, "{\"weight_map\": {" + map.substring(2) + more + "}}");
  }

  private void assertRuns() throws IOException {
    try (TokenEncoder encoder = ModelFolder.read(folder).open()) {
      assertEquals(16, encoder.encode(List.of("w5 w6"), done -> {}).get(0).values().length);
    }
  }

  private void assertFault(String expected) {
    assertEquals(folder + "/" + expected, fault());
  }

  private String fault() {
    Exception fault = assertThrows(Exception.class, () -> ModelFolder.read(folder).open().close());
    assertTrue(fault instanceof BadDataException || fault instanceof IOException, fault.toString());
    return fault.getMessage();
  }

  private void config(String more) throws IOException {
    write(
        "config.json",
        "{\"model_type\": \"bert\", \"vocab_size\": 30, \"hidden_size\": 8, \"num_hidden_layers\": 1,"
            + (more.contains("num_attention_heads") ? "" : " \"num_attention_heads\": 2,")
            + " \"intermediate_size\": 16, \"max_position_embeddings\": 64"
            + more
            + "}");
  }

  private void linear(String name, int in, int out) {
    shapes.put(name + ".weight", new int[] {out, in});
    shapes.put(name + ".bias", new int[] {out});
  }

  private void norm(String name) {
    shapes.put(name + ".weight", new int[] {8});
    shapes.put(name + ".bias", new int[] {8});
  }

  private void write(String file, String prefix, Map<String, int[]> tensors) throws IOException {
    Random random = new Random(5);
    try (SafetensorsWriter out = SafetensorsWriter.in(folder)) {
      Map<String, Shape> written = new LinkedHashMap<>();
      for (Map.Entry<String, int[]> tensor : tensors.entrySet()) {
        int size = Arrays.stream(tensor.getValue()).reduce(1, (a, b) -> a * b);
        float[] values = new float[size];
        for (int i = 0; i < size; i++) {
          values[i] = (float) random.nextGaussian();
        }
        TensorData data =
            TensorData.of(values, Arrays.stream(tensor.getValue()).asLongStream().toArray());
        out.append(data);
        written.put(prefix + tensor.getKey(), new Shape(data.dtype(), data.shape()));
      }
      out.commit(file, written, Map.of());
    }
  }

  private void write(String file, String text) throws IOException {
    Files.writeString(folder.resolve(file), text);
  }
}
