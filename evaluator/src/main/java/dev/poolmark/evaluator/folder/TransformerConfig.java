package dev.poolmark.evaluator.folder;

import com.fasterxml.jackson.databind.JsonNode;
import dev.poolmark.evaluator.encoder.OnnxModel;
import dev.poolmark.evaluator.encoder.TokenEncoder;
import dev.poolmark.evaluator.encoder.TokenModel;
import dev.poolmark.evaluator.encoder.TokenizerSettings;
import dev.poolmark.evaluator.encoder.TorchScriptModel;
import dev.poolmark.evaluator.encoder.TransformerEncoder;
import dev.poolmark.evaluator.files.BadDataException;
import dev.poolmark.evaluator.files.Sha256;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Stream;

/**
 * The first module of a folder: from sentences to token embeddings.
 *
 * @param weights an ONNX model or a TorchScript file
 * @param dim width of the token embeddings
 */
record TransformerConfig(TokenizerSettings tokenizer, Path weights, int dim) {

  private static final List<String> SLOW_TOKENIZERS =
      List.of("vocab.txt", "vocab.json", "sentencepiece.bpe.model", "spiece.model");

  /** The names that model families have for the width. */
  private static final String[] WIDTHS = {"hidden_size", "dim", "d_model", "n_embd"};

  static TransformerConfig read(Path folder) throws IOException {
    JsonFile config = JsonFile.read(folder.resolve("config.json"), "the model's configuration");
    JsonFile sentence =
        JsonFile.read(
            folder.resolve("sentence_bert_config.json"), "max_seq_length and do_lower_case");
    Path tokenizer = folder.resolve("tokenizer.json");
    checkTokenizer(folder, tokenizer);
    return new TransformerConfig(
        new TokenizerSettings(
            tokenizer,
            maxTokens(folder, sentence, config),
            config.value("pad_token_id").map(JsonNode::asLong).orElse(0L),
            sentence.flag("do_lower_case", false)),
        WeightsFile.find(folder),
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

  TokenEncoder open() throws IOException {
    return TransformerEncoder.open(tokenizer, openModel());
  }

  private TokenModel openModel() throws IOException {
    return weights.toString().endsWith(".onnx")
        ? OnnxModel.open(weights, OptionalInt.of(dim))
        : TorchScriptModel.open(weights, dim);
  }

  /** The model file and what else lies beside it under its name: large models have such parts. */
  String contentHash() throws IOException {
    List<Path> content = new ArrayList<>(List.of(tokenizer.file()));
    String name = weights.getFileName().toString();
    try (Stream<Path> files = Files.list(weights.getParent())) {
      files
          .filter(file -> file.getFileName().toString().startsWith(name))
          .sorted()
          .forEach(content::add);
    }
    return Sha256.of(content);
  }
}
