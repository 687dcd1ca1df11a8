package dev.poolmark.evaluator.folder;

import com.fasterxml.jackson.databind.JsonNode;
import dev.poolmark.evaluator.encoder.OnnxModel;
import dev.poolmark.evaluator.encoder.TokenEncoder;
import dev.poolmark.evaluator.encoder.TokenIds;
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
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.regex.Pattern;
import java.util.stream.Stream;

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

  /** The names that sentence-transformers looks for, in its order. */
  private static final List<String> SENTENCE_CONFIGS =
      List.of(
          "sentence_bert_config.json",
          "sentence_roberta_config.json",
          "sentence_distilbert_config.json",
          "sentence_camembert_config.json",
          "sentence_albert_config.json",
          "sentence_xlm-roberta_config.json",
          "sentence_xlnet_config.json");

  /** Where a config doesn't say which id fills up shorter rows, its kind of model does. */
  private static final Map<String, Long> PADS =
      Map.of("roberta", 1L, "camembert", 1L, "xlm-roberta", 1L, "mpnet", 1L, "modernbert", 50283L);

  /** Files beside the weights; an index belongs to weights, and modules are the folder's. */
  private static final Pattern PUBLISHED =
      Pattern.compile(
          "(?!\\.|modules\\.json$|.*\\.index\\.json$).*\\.(json|txt|model)|LICEN[CS]E.*");

  /** The names that model families have for the width. */
  private static final String[] WIDTHS = {"hidden_size", "dim", "d_model", "n_embd"};

  static TransformerConfig read(Path folder, EncoderChoice choice) throws IOException {
    JsonFile config = JsonFile.read(folder.resolve("config.json"), "the model's configuration");
    JsonFile sentence = sentenceConfig(folder);
    Path tokenizer = folder.resolve("tokenizer.json");
    checkTokenizer(folder, tokenizer);
    FolderWeights weights = FolderWeights.find(folder, choice.weights());
    if (weights.alone()) {
      Architecture.of(config).text(choice.layers()); // reads all of the config
    } else if (weights.kind() == WeightsKind.ONNX) {
      OnnxModel.checkInputs(weights.file());
    } else if (!choice.layers().equals(Layers.LAST)) {
      throw new BadDataException(
          weights.file(), "layer -1, the only one that it gives", choice.layers().toString());
    }
    return new TransformerConfig(
        config,
        new TokenizerSettings(
            tokenizer,
            maxTokens(folder, sentence, config, weights),
            padId(config),
            sentence.flag("do_lower_case", false),
            truncation(folder, tokenizer)),
        weights,
        choice.layers(),
        width(config));
  }

  /** The first of the names that there is; without any, all has its default. */
  private static JsonFile sentenceConfig(Path folder) throws IOException {
    for (String name : SENTENCE_CONFIGS) {
      if (Files.exists(folder.resolve(name))) {
        return JsonFile.read(folder.resolve(name), "max_seq_length and do_lower_case");
      }
    }
    return JsonFile.empty(folder.resolve(SENTENCE_CONFIGS.get(0)));
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
    if (!JsonFile.hasKey(file, "the tokenizer", "model")) {
      throw JsonFile.empty(file).bad("model", "a tokenizer's model", "no such key");
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

  private static long padId(JsonFile config) {
    long usual = PADS.getOrDefault(config.text("model_type").orElse(""), 0L);
    return config.value("pad_token_id").map(JsonNode::asLong).orElse(usual);
  }

  /**
   * What the folder says; or else, as sentence-transformers has it, as many as the model has
   * positions for and the tokenizer gives.
   */
  private static int maxTokens(
      Path folder, JsonFile sentence, JsonFile config, FolderWeights weights) throws IOException {
    OptionalInt asked = askedTokens(sentence);
    int positions = positions(config, weights);
    if (asked.isPresent() && asked.getAsInt() > positions) {
      throw sentence.bad(
          "max_seq_length",
          String.format(
              Locale.ROOT, "at most %d, the positions that config.json tells of", positions),
          String.valueOf(asked.getAsInt()));
    }
    if (asked.isPresent()) {
      return asked.getAsInt();
    }
    int most = Math.min(positions, tokenizersMost(folder));
    if (most == Integer.MAX_VALUE) {
      throw sentence.bad(
          "max_seq_length",
          "a number of tokens, or model_max_length in tokenizer_config.json",
          "neither");
    }
    return most;
  }

  /** The tokenizer's own arguments, under their newer or older name, count before the length. */
  private static OptionalInt askedTokens(JsonFile sentence) {
    for (String key : List.of("processor_kwargs", "tokenizer_args")) {
      Optional<JsonNode> arguments = sentence.value(key).filter(JsonNode::isObject);
      if (arguments.isPresent()) {
        OptionalInt asked = new JsonFile(sentence.file(), arguments.get()).size("model_max_length");
        if (asked.isPresent()) {
          return asked;
        }
      }
    }
    return sentence.size("max_seq_length");
  }

  /** Models of RoBERTa's kind have two positions more than they can use. */
  private static int positions(JsonFile config, FolderWeights weights) {
    return weights.alone()
        ? Architecture.of(config).maxTokens()
        : config.size("max_position_embeddings").orElse(Integer.MAX_VALUE);
  }

  /** As transformers has it: what its own settings say, or else the tokenizer's file. */
  private static TokenIds.Truncation truncation(Path folder, Path tokenizer) throws IOException {
    JsonFile settings = tokenizerConfig(folder);
    Optional<String> side = settings.text("truncation_side");
    if (side.isEmpty()) {
      return TokenizerSettings.truncationOf(tokenizer);
    }
    return switch (side.get()) {
      case "right" -> TokenIds.Truncation.RIGHT;
      case "left" -> TokenIds.Truncation.LEFT;
      default -> throw settings.bad("truncation_side", "right or left", "'" + side.get() + "'");
    };
  }

  private static JsonFile tokenizerConfig(Path folder) throws IOException {
    Path file = folder.resolve("tokenizer_config.json");
    return Files.exists(file)
        ? JsonFile.read(file, "the tokenizer's settings")
        : JsonFile.empty(file);
  }

  /** Huge where the tokenizer has no bound, which transformers spells as 1e30. */
  private static int tokenizersMost(Path folder) throws IOException {
    JsonFile settings = tokenizerConfig(folder);
    Optional<JsonNode> most = settings.value("model_max_length");
    if (most.isPresent() && !(most.get().isNumber() && most.get().asDouble() >= 1)) {
      throw settings.bad("model_max_length", "a number of at least 1", most.get().toString());
    }
    return (int) Math.min(Integer.MAX_VALUE, most.map(JsonNode::asDouble).orElse(1e30));
  }

  /** What sentence-transformers pools with where a folder has no {@code modules.json}. */
  PoolingConfig usualPooling() {
    JsonNode architecture = config.root().path("architectures").path(0);
    boolean continuesTexts =
        architecture.asText().endsWith("ForCausalLM") && config.flag("is_causal", true);
    return continuesTexts ? PoolingConfig.LAST : PoolingConfig.MEAN;
  }

  /** Width of the token embeddings. */
  int width() {
    return layers.width(dim);
  }

  TokenEncoder open() throws IOException {
    return TransformerEncoder.open(tokenizer, this::openModel);
  }

  private TokenModel openModel() throws IOException {
    Path file = weights.file();
    if (weights.kind() == WeightsKind.ONNX) {
      return OnnxModel.open(file, OptionalInt.of(dim), layers);
    } else if (weights.kind() == WeightsKind.TORCHSCRIPT) {
      return TorchScriptModel.open(file, dim);
    }
    try (WeightFiles files = weights.open()) {
      Architecture architecture = Architecture.of(config);
      return TorchModel.open(architecture.text(layers), architecture.vocabulary(), files);
    }
  }

  /**
   * What transformers and its tokenizer read: configurations, vocabularies, licences and weights
   * without a graph.
   */
  List<Path> published() throws IOException {
    Path folder = Objects.requireNonNull(config.file().getParent());
    List<Path> files = new ArrayList<>(FolderWeights.findAlone(folder).files());
    try (Stream<Path> beside = Files.list(folder)) {
      beside
          .filter(file -> PUBLISHED.matcher(file.getFileName().toString()).matches())
          .filter(file -> Files.isRegularFile(file) && !files.contains(file))
          .sorted()
          .forEach(files::add);
    }
    return files;
  }

  String description() {
    return String.format(Locale.ROOT, "%s, %s, layer %s", weights.file(), weights.kind(), layers);
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
