package dev.poolmark.evaluator.folder;

import com.fasterxml.jackson.databind.JsonNode;
import dev.poolmark.evaluator.encoder.OnnxModel;
import dev.poolmark.evaluator.encoder.TokenEncoder;
import dev.poolmark.evaluator.encoder.TokenModel;
import dev.poolmark.evaluator.encoder.TokenizerSettings;
import dev.poolmark.evaluator.encoder.TorchModel;
import dev.poolmark.evaluator.encoder.TorchScriptModel;
import dev.poolmark.evaluator.encoder.TransformerEncoder;
import dev.poolmark.evaluator.files.BadDataException;
import dev.poolmark.evaluator.files.JsonFile;
import dev.poolmark.evaluator.files.Sha256;
import dev.poolmark.evaluator.transformer.Architecture;
import dev.poolmark.evaluator.transformer.Layers;
import dev.poolmark.evaluator.weights.WeightFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * The first module of a folder: from sentences to token embeddings.
 *
 * @param config the model's {@code config.json}
 * @param layers whose states are the embeddings
 * @param dim width of a state
 */
record TransformerConfig(
    JsonFile config, TokenizerSettings tokenizer, FolderWeights weights, Layers layers, int dim) {

  private static final List<String> SLOW_TOKENIZERS =
      List.of("vocab.txt", "vocab.json", "sentencepiece.bpe.model", "spiece.model");

  /** The names that model families have for the width. */
  private static final String[] WIDTHS = {"hidden_size", "dim", "d_model", "n_embd"};

  static TransformerConfig read(Path folder, EncoderChoice choice) throws IOException {
    JsonFile config = JsonFile.read(folder.resolve("config.json"), "the model's configuration");
    JsonFile sentence =
        JsonFile.read(
            folder.resolve("sentence_bert_config.json"), "max_seq_length and do_lower_case");
    Path tokenizer = folder.resolve("tokenizer.json");
    checkTokenizer(folder, tokenizer);
    FolderWeights weights = FolderWeights.find(folder, choice.weights());
    if (weights.alone()) {
      Architecture.of(config);
    }
    return new TransformerConfig(
        config,
        new TokenizerSettings(
            tokenizer,
            maxTokens(folder, sentence, config),
            config.value("pad_token_id").map(JsonNode::asLong).orElse(0L),
            sentence.flag("do_lower_case", false)),
        weights,
        choice.layers(),
        width(config));
  }

  private static void checkTokenizer(Path folder, Path file) throws IOException {
    Optional<String> slow =
        SLOW_TOKENIZERS.stream().filter(name -> Files.exists(folder.resolve(name))).findFirst();
    if (Files.notExists(file) && slow.isPresent()) {
      throw new BadDataException(
          file,
          "the tokenizer",
          String.format(
              Locale.ROOT,
              "only %s; convert it with: python -c \"from transformers import AutoTokenizer;"
                  + " AutoTokenizer.from_pretrained('%s').save_pretrained('%s')\"",
              slow.get(),
              folder,
              folder));
    }
    JsonFile tokenizer = JsonFile.read(file, "the tokenizer");
    if (tokenizer.value("model").isEmpty()) {
      throw tokenizer.bad("model", "a tokenizer's model", "no such key");
    }
  }

  private static int width(JsonFile config) {
    for (String key : WIDTHS) {
      OptionalInt width = config.size(key);
      if (width.isPresent()) {
        return width.getAsInt();
      }
    }
    throw config.bad(WIDTHS[0], "the width of the token embeddings", "no such key");
  }

  /**
   * What the folder says; or else, as sentence-transformers has it, as many as the model has
   * positions for and the tokenizer gives: models of RoBERTa's kind have two positions more.
   */
  private static int maxTokens(Path folder, JsonFile sentence, JsonFile config) throws IOException {
    OptionalInt asked = sentence.size("max_seq_length");
    OptionalInt positions = config.size("max_position_embeddings");
    if (asked.isEmpty() && positions.isPresent()) {
      return Math.min(positions.getAsInt(), tokenizersMost(folder));
    }
    if (asked.isEmpty()) {
      throw sentence.bad("max_seq_length", "a number of tokens", "no such key");
    }
    if (asked.isPresent() && positions.isPresent() && asked.getAsInt() > positions.getAsInt()) {
      throw sentence.bad(
          "max_seq_length",
          String.format(
              Locale.ROOT,
              "at most %d, the max_position_embeddings of config.json",
              positions.getAsInt()),
          String.valueOf(asked.getAsInt()));
    }
    return asked.getAsInt();
  }

  /** Huge where the tokenizer has no bound, which transformers spells as 1e30. */
  private static int tokenizersMost(Path folder) throws IOException {
    Path file = folder.resolve("tokenizer_config.json");
    if (Files.notExists(file)) {
      return Integer.MAX_VALUE;
    }
    JsonFile settings = JsonFile.read(file, "the tokenizer's settings");
    Optional<JsonNode> most = settings.value("model_max_length");
    if (most.isPresent() && !(most.get().isNumber() && most.get().asDouble() >= 1)) {
      throw settings.bad("model_max_length", "a number of at least 1", most.get().toString());
    }
    return (int) Math.min(Integer.MAX_VALUE, most.map(JsonNode::asDouble).orElse(1e30));
  }

  /** Width of the token embeddings. */
  int width() {
    return layers.width(dim);
  }

  TokenEncoder open() throws IOException {
    return TransformerEncoder.open(tokenizer, openModel());
  }

  private TokenModel openModel() throws IOException {
    Path file = weights.file();
    if (weights.kind() == WeightsKind.ONNX) {
      return OnnxModel.open(file, OptionalInt.of(dim));
    } else if (weights.kind() == WeightsKind.TORCHSCRIPT) {
      return TorchScriptModel.open(file, dim);
    }
    try (WeightFiles files = weights.open()) {
      Architecture architecture = Architecture.of(config);
      return TorchModel.open(architecture.text(layers), architecture.vocabulary(), files);
    }
  }

  /** Of the files that the embeddings come from. */
  String contentHash() throws IOException {
    List<Path> content = new ArrayList<>(List.of(tokenizer.file()));
    if (weights.alone()) {
      content.add(config.file());
    }
    content.addAll(weights.files());
    return Sha256.of(content);
  }
}
