package dev.poolmark.evaluator.submission;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.poolmark.api.Init;
import dev.poolmark.api.TorchPooler;
import dev.poolmark.api.Weight;
import dev.poolmark.evaluator.files.AtomicFolder;
import dev.poolmark.evaluator.files.BadDataException;
import dev.poolmark.evaluator.folder.ModelFolder;
import dev.poolmark.evaluator.plugin.BadSpecException;
import dev.poolmark.evaluator.plugin.SpecifiedPooler;
import dev.poolmark.evaluator.safetensors.SafetensorsWriter;
import dev.poolmark.evaluator.safetensors.TensorData;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;

/**
 * A folder that sentence-transformers loads: an encoder's files as they are, and a pooler behind it
 * as a module of its own, with its source and its weights. The module pads as the contest does: the
 * real tokens first, then rows of zeros.
 *
 * @param folder where it is
 * @param weightsBytes what the pooler's weights take
 */
public record SentenceTransformersFolder(Path folder, long weightsBytes) {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String CONFIG = "config.json";
  private static final String MODULE = "poolmark_pooler";
  private static final String CLASS = "PoolmarkPooler";
  private static final String POOLER = "1_" + CLASS;
  private static final String TRANSFORMER = "sentence_transformers.models.Transformer";

  private static final String SOURCE =
      """
      \"""The pooler %s for sentence-transformers, exported by Poolmark.

      Token embeddings, %d wide, become sentence embeddings, %d wide.
      \"""

      import shutil
      from pathlib import Path

      import torch

      try:
          from sentence_transformers.base.modules.module import Module
      except ImportError:  # before 5.4
          from sentence_transformers.models import Module


      %s

      class PoolmarkPooler(Module):
          config_keys = ["name", "word_embedding_dimension", "embedding_dimension"]

          def __init__(self, name: str, word_embedding_dimension: int, embedding_dimension: int) -> None:
              super().__init__()
              self.name = name
              self.word_embedding_dimension = word_embedding_dimension
              self.embedding_dimension = embedding_dimension
              self.pooler = Pooler().requires_grad_()

          def forward(self, features: dict, **kwargs) -> dict:
              features["sentence_embedding"] = self.pooler(right_padded(features))
              return features

          def get_embedding_dimension(self) -> int:
              return self.embedding_dimension

          get_sentence_embedding_dimension = get_embedding_dimension

          def save(self, output_path: str, *args, safe_serialization: bool = True, **kwargs) -> None:
              self.save_config(output_path)
              self.save_torch_weights(output_path, safe_serialization=safe_serialization)
              # modules.json names this file without a folder
              shutil.copy(__file__, Path(output_path).parent / "poolmark_pooler.py")

          @classmethod
          def load(cls, model_name_or_path: str, subfolder: str = "", **kwargs) -> "PoolmarkPooler":
              hub = {key: kwargs[key] for key in HUB if key in kwargs}
              config = cls.load_config(model_name_or_path, subfolder=subfolder, **hub)
              return cls.load_torch_weights(model_name_or_path, subfolder=subfolder, model=cls(**config), **hub)


      HUB = ("token", "cache_folder", "revision", "local_files_only")


      def right_padded(features: dict) -> torch.Tensor:
          \"""The tokens of each sentence first, then rows of zeros.\"""
          x = features["token_embeddings"]
          if "cu_seq_lens_q" in features:  # flash attention leaves the sentences behind each other
              sentences = torch.split(x[0], torch.diff(features["cu_seq_lens_q"]).tolist())
              return torch.nn.utils.rnn.pad_sequence(sentences, batch_first=True)
          mask = features["attention_mask"].bool()
          order = torch.argsort(mask.int(), dim=1, descending=True, stable=True)
          return torch.take_along_dim(x.masked_fill(~mask.unsqueeze(2), 0), order.unsqueeze(2), 1)
      """;

  private static final String README =
      """
      # %s behind %s

      Token embeddings of %s, pooled by %s, a pooler that Poolmark has exported.
      The pooler is code: `poolmark_pooler.py`, with its weights in `%s`.

      ```python
      from sentence_transformers import SentenceTransformer

      model = SentenceTransformer("path/to/this/folder", trust_remote_code=True)
      embeddings = model.encode(["Bread is baked.", "It rains."])
      ```
      """;

  /**
   * Writes the folder, whole or not at all.
   *
   * @param encoder its weights must be such as transformers loads
   * @param out nothing is there yet, or an empty folder
   * @throws BadSpecException when the pooler has no forward lines, or no trained weights
   * @throws BadDataException when encoder or place are not what they must be
   */
  public static SentenceTransformersFolder write(
      SpecifiedPooler pooler, ModelFolder encoder, Path out) throws IOException {
    TorchPooler lines = lines(pooler);
    List<Path> files = encoder.published();
    checkEmpty(out);
    try (AtomicFolder folder = AtomicFolder.at(out)) {
      for (Path file : files) {
        Files.copy(file, folder.path().resolve(file.getFileName()));
      }
      writeConfig(folder.path().resolve(CONFIG));
      long bytes = writePooler(folder.path(), pooler, lines, encoder.dim());
      Files.writeString(folder.path().resolve("README.md"), readme(pooler.name(), encoder.name()));
      folder.publish();
      return new SentenceTransformersFolder(out, bytes);
    }
  }

  private static TorchPooler lines(SpecifiedPooler pooler) {
    if (!(pooler.pooler() instanceof TorchPooler lines)) {
      throw new BadSpecException(
          String.format(
              Locale.ROOT,
              "pooler '%s': expected forward lines for sentence-transformers, found a %s",
              pooler.spec(),
              pooler.pooler().getClass().getSimpleName()));
    }
    return lines;
  }

  private static void checkEmpty(Path out) throws IOException {
    if (!Files.exists(out)) {
      return;
    }
    if (!Files.isDirectory(out)) {
      throw new BadDataException(out, "a new folder", "a file");
    }
    try (Stream<Path> there = Files.list(out)) {
      if (there.findAny().isPresent()) {
        throw new BadDataException(out, "a new folder", "one that is not empty");
      }
    }
  }

  /** Encoders are run as float32 here, whatever they are stored as; so they shall be there. */
  private static void writeConfig(Path file) throws IOException {
    ObjectNode config = (ObjectNode) JSON.readTree(file.toFile());
    config.remove("torch_dtype");
    config.put("dtype", "float32");
    writeJson(file, config);
  }

  private static long writePooler(
      Path folder, SpecifiedPooler specified, TorchPooler pooler, int dim) throws IOException {
    Files.writeString(
        folder.resolve(MODULE + ".py"),
        String.format(
            Locale.ROOT,
            SOURCE,
            PythonModule.quoted(specified.name()),
            dim,
            pooler.outputDim(),
            PythonModule.poolerClass(pooler, dim)));
    ArrayNode modules = JSON.createArrayNode();
    modules.add(module(0, "", TRANSFORMER));
    modules.add(module(1, POOLER, MODULE + "." + CLASS));
    writeJson(folder.resolve("modules.json"), modules);
    Path own = Files.createDirectory(folder.resolve(POOLER));
    ObjectNode config =
        JSON.createObjectNode()
            .put("name", specified.name())
            .put("word_embedding_dimension", dim)
            .put("embedding_dimension", pooler.outputDim());
    writeJson(own.resolve(CONFIG), config);
    Map<String, TensorData> weights = new LinkedHashMap<>();
    for (Weight weight : pooler.weights()) {
      long[] shape = weight.shape().stream().mapToLong(Integer::longValue).toArray();
      weights.put("pooler." + weight.name(), TensorData.of(values(specified, weight), shape));
    }
    SafetensorsWriter.write(own.resolve("model.safetensors"), weights, Map.of("format", "pt"));
    return pooler.weights().stream().mapToLong(Weight::size).sum() * Float.BYTES;
  }

  private static float[] values(SpecifiedPooler pooler, Weight weight) {
    if (weight.init() instanceof Init.Values trained) {
      return trained.values();
    }
    throw new BadSpecException(
        String.format(
            Locale.ROOT,
            "pooler '%s': expected a trained model's folder, found untrained weights",
            pooler.spec()));
  }

  private static ObjectNode module(int index, String path, String type) {
    return JSON.createObjectNode()
        .put("idx", index)
        .put("name", Integer.toString(index))
        .put("path", path)
        .put("type", type);
  }

  private static String readme(String pooler, String encoder) {
    return String.format(Locale.ROOT, README, pooler, encoder, encoder, pooler, POOLER);
  }

  private static void writeJson(Path file, Object value) throws IOException {
    Files.writeString(file, JSON.writerWithDefaultPrettyPrinter().writeValueAsString(value) + "\n");
  }
}
