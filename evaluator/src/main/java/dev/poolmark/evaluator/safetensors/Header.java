package dev.poolmark.evaluator.safetensors;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What stands in front of the tensors' bytes. As the format demands, the tensors cover the bytes
 * without gap or overlap.
 *
 * @param metadata free text by name
 * @param tensors the tensors by name, in the order of their bytes
 * @see <a href="https://github.com/huggingface/safetensors#format">The format</a>
 */
record Header(Map<String, String> metadata, Map<String, TensorInfo> tensors) {

  private static final String METADATA = "__metadata__";
  private static final ObjectMapper JSON =
      JsonMapper.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  Header {
    metadata = Collections.unmodifiableMap(new LinkedHashMap<>(metadata));
    tensors = inOrderOfBytes(tensors);
    long next = 0;
    for (Map.Entry<String, TensorInfo> entry : tensors.entrySet()) {
      if (entry.getValue().begin() != next) {
        throw new IllegalArgumentException(
            String.format(
                Locale.ROOT,
                "tensor '%s' is expected to begin at byte %d, found %d",
                entry.getKey(),
                next,
                entry.getValue().begin()));
      }
      next = entry.getValue().end();
    }
  }

  /** The header of tensors that follow each other in the given order. */
  static Header of(Map<String, String> metadata, Map<String, Shape> shapes) {
    Map<String, TensorInfo> tensors = new LinkedHashMap<>();
    long begin = 0;
    for (Map.Entry<String, Shape> entry : shapes.entrySet()) {
      TensorInfo tensor =
          TensorInfo.at(begin, entry.getValue().dtype(), entry.getValue().dimensions());
      tensors.put(entry.getKey(), tensor);
      begin = tensor.end();
    }
    return new Header(metadata, tensors);
  }

  /** Reads the JSON; what is wrong with it is told by an {@link IllegalArgumentException}. */
  static Header parse(byte[] json) throws IOException {
    JsonNode root;
    try {
      root = JSON.readTree(json);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("its header is not JSON: " + e.getOriginalMessage(), e);
    }
    if (!root.isObject()) {
      throw new IllegalArgumentException("its header is expected to be a JSON object");
    }
    Map<String, String> metadata = new LinkedHashMap<>();
    Map<String, TensorInfo> tensors = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> entry : root.properties()) {
      if (entry.getKey().equals(METADATA)) {
        entry.getValue().properties().forEach(e -> metadata.put(e.getKey(), text(e.getValue())));
      } else {
        tensors.put(entry.getKey(), tensor(entry.getKey(), entry.getValue()));
      }
    }
    return new Header(metadata, tensors);
  }

  private static TensorInfo tensor(String name, JsonNode node) {
    try {
      List<Long> offsets = longs(node.path("data_offsets"));
      if (offsets.size() != 2) {
        throw new IllegalArgumentException("two data_offsets are expected, found " + offsets);
      }
      return new TensorInfo(
          dtype(text(node.path("dtype"))),
          longs(node.path("shape")),
          offsets.get(0),
          offsets.get(1));
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("tensor '" + name + "': " + e.getMessage(), e);
    }
  }

  private static DType dtype(String name) {
    return Arrays.stream(DType.values())
        .filter(dtype -> dtype.name().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    String.format(
                        Locale.ROOT,
                        "a dtype of %s is expected, found '%s'",
                        Arrays.toString(DType.values()),
                        name)));
  }

  private static String text(JsonNode node) {
    if (!node.isTextual()) {
      throw new IllegalArgumentException("a string is expected, found " + node.getNodeType());
    }
    return node.textValue();
  }

  private static List<Long> longs(JsonNode node) {
    if (!node.isArray()) {
      throw new IllegalArgumentException(
          "a list of integers is expected, found " + node.getNodeType());
    }
    List<Long> values = new ArrayList<>();
    for (JsonNode value : node) {
      if (!value.isIntegralNumber() || !value.canConvertToLong()) {
        throw new IllegalArgumentException("an integer is expected, found " + value);
      }
      values.add(value.longValue());
    }
    return values;
  }

  private static Map<String, TensorInfo> inOrderOfBytes(Map<String, TensorInfo> tensors) {
    Map<String, TensorInfo> sorted = new LinkedHashMap<>();
    tensors.entrySet().stream()
        .sorted(
            Comparator.comparingLong((Map.Entry<String, TensorInfo> e) -> e.getValue().begin())
                .thenComparingLong(e -> e.getValue().end()))
        .forEach(e -> sorted.put(e.getKey(), e.getValue()));
    return Collections.unmodifiableMap(sorted);
  }

  /** Number of bytes that the tensors take. */
  long dataBytes() {
    return tensors.values().stream().mapToLong(TensorInfo::end).max().orElse(0);
  }

  byte[] toJson() throws IOException {
    ObjectNode root = JSON.createObjectNode();
    if (!metadata.isEmpty()) {
      ObjectNode node = root.putObject(METADATA);
      metadata.forEach(node::put);
    }
    tensors.forEach(
        (name, tensor) -> {
          ObjectNode node = root.putObject(name);
          node.put("dtype", tensor.dtype().name());
          tensor.shape().forEach(node.putArray("shape")::add);
          node.putArray("data_offsets").add(tensor.begin()).add(tensor.end());
        });
    return JSON.writeValueAsBytes(root);
  }
}
