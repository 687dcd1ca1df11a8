package dev.poolmark.evaluator.transformer;

import com.fasterxml.jackson.databind.JsonNode;
import dev.poolmark.evaluator.files.JsonFile;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.IntUnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/** A model's {@code config.json}, read as transformers reads it: what is missing has a default. */
record Config(JsonFile file) {

  /** As transformers' {@code ACT2FN} names them. */
  private static final Map<String, String> ACTIVATIONS =
      Map.ofEntries(
          Map.entry("gelu", "torch.gelu(%s)"),
          Map.entry("gelu_python", "torch.gelu(%s)"),
          Map.entry("gelu_new", "torch.gelu(%s, approximate=\"tanh\")"),
          Map.entry("gelu_fast", "torch.gelu(%s, approximate=\"tanh\")"),
          Map.entry("gelu_pytorch_tanh", "torch.gelu(%s, approximate=\"tanh\")"),
          Map.entry("relu", "torch.relu(%s)"),
          Map.entry("silu", "torch.silu(%s)"),
          Map.entry("swish", "torch.silu(%s)"),
          Map.entry("tanh", "torch.tanh(%s)"));

  int size(String key, int otherwise) {
    return file.size(key).orElse(otherwise);
  }

  OptionalInt size(String key) {
    return file.size(key);
  }

  double number(String key, double otherwise) {
    return file.number(key, otherwise);
  }

  boolean flag(String key, boolean otherwise) {
    return file.flag(key, otherwise);
  }

  Optional<JsonNode> value(String key) {
    return file.value(key);
  }

  /** How many heads an attention over {@code width} numbers has. */
  int heads(String key, int otherwise, int width) {
    int heads = size(key, otherwise);
    if (width % heads != 0) {
      throw file.bad(
          key, String.format(Locale.ROOT, "a divisor of the width %d", width), "" + heads);
    }
    return heads;
  }

  /** An activation, as a format of one argument. */
  String activation(String key) {
    String name = file.text(key).orElse("gelu");
    return Optional.ofNullable(ACTIVATIONS.get(name))
        .orElseThrow(
            () ->
                file.bad(
                    key,
                    "one of " + ACTIVATIONS.keySet().stream().sorted().toList(),
                    "'" + name + "'"));
  }

  /**
   * What kind each layer is of.
   *
   * @param standard number of the kind of a layer, where the config doesn't list them
   */
  List<String> kinds(String key, List<String> known, int layers, IntUnaryOperator standard) {
    Optional<JsonNode> listed = value(key);
    if (listed.isEmpty()) {
      return IntStream.range(0, layers).map(standard).mapToObj(known::get).toList();
    }
    List<String> kinds =
        StreamSupport.stream(listed.get().spliterator(), false).map(JsonNode::asText).toList();
    if (kinds.size() != layers || !known.containsAll(kinds)) {
      throw file.bad(
          key,
          String.format(Locale.ROOT, "%d, each of %s", layers, known),
          listed.get().toString());
    }
    return kinds;
  }

  /**
   * The base of rotary angles.
   *
   * @param key where the parameters stand
   * @param parameters {@code {"rope_theta","rope_type"}}, or null
   */
  double ropeBase(String key, @Nullable JsonNode parameters, double otherwise) {
    if (parameters == null || !parameters.isObject()) {
      return otherwise;
    }
    String type = parameters.path("rope_type").asText("default");
    if (!type.equals("default")) {
      throw file.bad(key + ".rope_type", "'default'", "'" + type + "'");
    }
    return parameters.path("rope_theta").asDouble(otherwise);
  }

  /** Refuses a key that has another value than the one that is done here. */
  void only(String key, String done) {
    Optional<String> found = value(key).map(JsonNode::asText);
    if (found.isPresent() && !found.get().equals(done)) {
      throw file.bad(key, String.format(Locale.ROOT, "%s, or missing", done), found.get());
    }
  }

  /** What the architectures name differently. */
  private int firstOf(List<String> keys, int otherwise) {
    return keys.stream()
        .flatMap(key -> value(key).stream())
        .findFirst()
        .map(JsonNode::asInt)
        .orElse(otherwise);
  }

  /** Refuses what changes the numbers of any architecture and is not done. */
  void refuseWhatIsNotDone() {
    only("is_decoder", "false");
    only("add_cross_attention", "false");
    only("position_embedding_type", "absolute");
    only("rope_scaling", "null");
    int heads = Math.max(1, firstOf(List.of("num_attention_heads", "n_heads", "n_head"), 12));
    int width = firstOf(List.of("hidden_size", "dim", "n_embd"), 768);
    only("num_key_value_heads", String.valueOf(heads));
    only("head_dim", String.valueOf(width / heads));
    for (String key : List.of("pruned_heads", "quantization_config", "adapters")) {
      value(key)
          .filter(node -> !node.isEmpty())
          .ifPresent(
              node -> {
                throw file.bad(key, "empty, or missing", node.toString());
              });
    }
  }
}
