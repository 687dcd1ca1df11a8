package dev.poolmark.evaluator.folder;

import dev.poolmark.evaluator.encoder.BundledEncoders;
import dev.poolmark.evaluator.torch.SineEncoder;
import dev.poolmark.evaluator.torch.TinyDistilBert;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Lays out model folders as sentence-transformers saves them. */
public final class TestFolders {

  private static final String TYPE = "sentence_transformers.models.";

  private TestFolders() {}

  /** all-MiniLM-L6-v2 with the files that the hub has of it: mean, then normalised. */
  public static Path minilm(Path folder, int maxTokens) throws IOException {
    write(folder, maxTokens, "Transformer", "Pooling", "Normalize");
    writePooling(folder, "\"pooling_mode_mean_tokens\": true, \"pooling_mode_cls_token\": false");
    copyModel(folder, BundledEncoders.MINILM);
    return folder;
  }

  /** bge-small-en-v1.5: the first token, then normalised. */
  public static Path bge(Path folder, int maxTokens) throws IOException {
    write(folder, maxTokens, "Transformer", "Pooling", "Normalize");
    writePooling(folder, "\"pooling_mode\": \"cls\"");
    copyModel(folder, BundledEncoders.BGE);
    return folder;
  }

  /** DistilBERT's shape, 8 wide, cut at 32 tokens, as TorchScript: the mean, not normalised. */
  public static Path distilBert(Path folder) throws IOException {
    copy(BundledEncoders.MINILM + "-tokenizer.json", folder.resolve("tokenizer.json"));
    writeModules(folder, "Transformer", "Pooling");
    Files.writeString(
        folder.resolve("config.json"),
        "{\"model_type\": \"distilbert\", \"dim\": 8, \"max_position_embeddings\": 64}");
    Files.writeString(
        folder.resolve("sentence_bert_config.json"),
        "{\"max_seq_length\": 32, \"do_lower_case\": false}");
    Files.createDirectories(folder.resolve("1_Pooling"));
    Files.writeString(
        folder.resolve("1_Pooling/config.json"),
        "{\"word_embedding_dimension\": 8, \"pooling_mode_mean_tokens\": true}");
    TinyDistilBert.write(folder.resolve("model.pt"));
    return folder;
  }

  /** An encoder of sines, so wide and cut at so many tokens: the mean, not normalised. */
  public static Path sines(Path folder, int dim, int maxTokens) throws IOException {
    copy(BundledEncoders.MINILM + "-tokenizer.json", folder.resolve("tokenizer.json"));
    writeModules(folder, "Transformer", "Pooling");
    Files.writeString(
        folder.resolve("config.json"),
        "{\"model_type\": \"distilbert\", \"dim\": %d, \"max_position_embeddings\": %d}"
            .formatted(dim, maxTokens));
    Files.writeString(
        folder.resolve("sentence_bert_config.json"),
        "{\"max_seq_length\": %d, \"do_lower_case\": false}".formatted(maxTokens));
    Files.createDirectories(folder.resolve("1_Pooling"));
    Files.writeString(
        folder.resolve("1_Pooling/config.json"),
        "{\"word_embedding_dimension\": %d, \"pooling_mode_mean_tokens\": true}".formatted(dim));
    SineEncoder.write(folder.resolve("model.pt"), dim);
    return folder;
  }

  /**
   * The files that a model of transformers is published with besides its own: words are w5, w6, …
   */
  public static void aroundWeights(Path folder, int vocabulary) throws IOException {
    writeModules(folder, "Transformer", "Pooling");
    Files.createDirectories(folder.resolve("1_Pooling"));
    Files.writeString(
        folder.resolve("1_Pooling/config.json"), "{\"pooling_mode_mean_tokens\": true}");
    Files.writeString(folder.resolve("sentence_bert_config.json"), "{\"max_seq_length\": 50}");
    String words =
        IntStream.range(0, vocabulary)
            .mapToObj(id -> "\"w%d\": %d".formatted(id, id))
            .collect(Collectors.joining(", "));
    Files.writeString(
        folder.resolve("tokenizer.json"),
        """
        {"version": "1.0", "added_tokens": [], "normalizer": null, "post_processor": null,
         "decoder": null, "pre_tokenizer": {"type": "Whitespace"},
         "model": {"type": "WordLevel", "unk_token": "w0", "vocab": {%s}}}
        """
            .formatted(words));
  }

  /** All but the weights, of a model that is 384 wide. */
  static Path withoutWeights(Path folder) throws IOException {
    write(folder, 128, "Transformer", "Pooling", "Normalize");
    writePooling(folder, "\"pooling_mode_mean_tokens\": true");
    Files.writeString(folder.resolve("tokenizer.json"), "{\"model\": {}}");
    return folder;
  }

  /** With weights that are never run. */
  static Path withWeightsUnread(Path folder) throws IOException {
    withoutWeights(folder);
    Files.createDirectories(folder.resolve("onnx"));
    Files.writeString(folder.resolve("onnx/model.onnx"), "never opened");
    return folder;
  }

  static void writeModules(Path folder, String... classes) throws IOException {
    StringBuilder modules = new StringBuilder();
    for (int i = 0; i < classes.length; i++) {
      modules
          .append(i == 0 ? "" : ",\n")
          .append(
              "{\"idx\": %d, \"name\": \"%d\", \"path\": \"%s\", \"type\": \"%s\"}"
                  .formatted(
                      i,
                      i,
                      i == 0 ? "" : i + "_" + classes[i],
                      classes[i].contains(".") ? classes[i] : TYPE + classes[i]));
    }
    Files.writeString(folder.resolve("modules.json"), "[" + modules + "]");
  }

  static void writePooling(Path folder, String keys) throws IOException {
    Path file = folder.resolve("1_Pooling/config.json");
    Files.createDirectories(file.getParent());
    Files.writeString(file, "{\"word_embedding_dimension\": 384, %s}".formatted(keys));
  }

  private static void write(Path folder, int maxTokens, String... modules) throws IOException {
    Files.createDirectories(folder);
    writeModules(folder, modules);
    Files.writeString(
        folder.resolve("config.json"),
        """
        {"model_type": "bert", "hidden_size": 384, "max_position_embeddings": 512, "pad_token_id": 0}
        """);
    Files.writeString(
        folder.resolve("sentence_bert_config.json"),
        "{\"max_seq_length\": %d, \"do_lower_case\": false}".formatted(maxTokens));
  }

  private static void copyModel(Path folder, String name) throws IOException {
    Files.createDirectories(folder.resolve("onnx"));
    copy(name + "-tokenizer.json", folder.resolve("tokenizer.json"));
    copy(name + ".onnx", folder.resolve("onnx/model.onnx"));
  }

  private static void copy(String resource, Path file) throws IOException {
    try (InputStream in = TestFolders.class.getClassLoader().getResourceAsStream(resource)) {
      Files.copy(in, file);
    }
  }
}
