package dev.poolmark.evaluator.plugin;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.poolmark.api.BlockPooler;
import dev.poolmark.api.Init;
import dev.poolmark.api.Pooler;
import dev.poolmark.api.TorchPooler;
import dev.poolmark.api.Weight;
import dev.poolmark.evaluator.files.AtomicFile;
import dev.poolmark.evaluator.files.BadDataException;
import dev.poolmark.evaluator.safetensors.SafetensorsFile;
import dev.poolmark.evaluator.safetensors.SafetensorsWriter;
import dev.poolmark.evaluator.torch.Tensor;
import dev.poolmark.evaluator.torch.TrainedBlock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A pooler that was trained. Its folder holds {@code pooler.json} and {@code model.safetensors}.
 * One of forward lines needs nothing else; one of a block needs the plugin that has its code.
 *
 * @param name the pooler's name
 * @param spec the spec it was trained from
 * @param plugin the jar that the spec's pooler came from
 * @param version that jar's version
 * @param dim width of the token embeddings it is for
 * @param outputDim width of the sentence embeddings
 * @param architecture what the weights are for
 * @param weights their trained values
 * @param training how it was trained and how good it was then, for readers
 */
public record TrainedModel(
    String name,
    String spec,
    String plugin,
    String version,
    int dim,
    int outputDim,
    Architecture architecture,
    List<Tensor> weights,
    JsonNode training) {

  /** What a model computes with its weights. */
  public sealed interface Architecture {}

  /** Forward lines. */
  public record Lines(List<String> forward) implements Architecture {}

  /**
   * A block of DJL, which only the plugin can make.
   *
   * @param className for readers
   */
  public record DjlBlock(String className) implements Architecture {}

  private static final String FORMAT = "poolmark-model-2";

  /** As it was before descriptions had a hash of themselves. */
  private static final String FORMER_FORMAT = "poolmark-model-1";

  private static final String HASH = "sha256";
  private static final String DESCRIPTION = "pooler.json";
  private static final String WEIGHTS = "model.safetensors";

  private static final ObjectMapper JSON =
      new ObjectMapper()
          .enable(SerializationFeature.INDENT_OUTPUT)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES);

  /**
   * @throws IllegalArgumentException when lines and weights make no pooler
   */
  public TrainedModel {
    weights = List.copyOf(weights);
    if (architecture instanceof Lines lines) {
      lines(lines.forward(), weights, outputDim);
    }
  }

  /** What {@code pooler.json} says. */
  @JsonNaming(SnakeCaseStrategy.class)
  @JsonInclude(JsonInclude.Include.NON_NULL)
  private record Description(
      String format,
      String name,
      String spec,
      String plugin,
      String version,
      int dim,
      int outputDim,
      long parameters,
      @Nullable List<String> forward,
      @Nullable String block,
      List<Shape> weights,
      String weightsSha256,
      JsonNode training) {}

  private record Shape(String name, List<Integer> shape) {}

  /** The pooler with these weights in the place of its initial ones. */
  public static TorchPooler withWeights(TorchPooler pooler, List<Tensor> weights) {
    return lines(pooler.forward(), weights, pooler.outputDim());
  }

  private static TorchPooler lines(List<String> forward, List<Tensor> weights, int outputDim) {
    return new TorchPooler(
        forward,
        weights.stream()
            .map(w -> new Weight(w.name(), w.shape(), Init.values(w.values()), true))
            .toList(),
        outputDim);
  }

  /**
   * The trained pooler.
   *
   * @param maker makes the pooler of the spec anew, which only a block needs
   * @throws BadSpecException when that is no block
   */
  public Pooler pooler(Supplier<Pooler> maker) {
    if (architecture instanceof Lines lines) {
      return lines(lines.forward(), weights, outputDim);
    }
    Pooler made = maker.get();
    if (made instanceof BlockPooler block) {
      return TrainedBlock.of(block, weights);
    }
    throw new BadSpecException(
        String.format(
            Locale.ROOT,
            "pooler '%s': expected a DJL block, as it was trained, found a %s",
            spec,
            made.getClass().getSimpleName()));
  }

  /** Whether a folder holds a trained model. */
  public static boolean isIn(Path folder) {
    return Files.isRegularFile(folder.resolve(DESCRIPTION));
  }

  /**
   * Writes the folder; each file is there whole or not at all, and the description, which names the
   * weights by their hash, comes last.
   */
  public void write(Path folder) throws IOException {
    Map<String, dev.poolmark.evaluator.safetensors.TensorData> tensors = new LinkedHashMap<>();
    for (Tensor weight : weights) {
      long[] shape = weight.shape().stream().mapToLong(Integer::longValue).toArray();
      tensors.put(
          weight.name(), dev.poolmark.evaluator.safetensors.TensorData.of(weight.values(), shape));
    }
    SafetensorsWriter.write(folder.resolve(WEIGHTS), tensors, Map.of("format", "pt"));
    ObjectNode description = JSON.valueToTree(describe(sha256(folder.resolve(WEIGHTS))));
    description.put(HASH, sha256(description));
    String json = JSON.writeValueAsString(description);
    AtomicFile.writeString(folder.resolve(DESCRIPTION), json + "\n");
  }

  private Description describe(String weightsSha256) {
    return new Description(
        FORMAT,
        name,
        spec,
        plugin,
        version,
        dim,
        outputDim,
        weights.stream().mapToLong(weight -> weight.values().length).sum(),
        architecture instanceof Lines lines ? lines.forward() : null,
        architecture instanceof DjlBlock block ? block.className() : null,
        weights.stream().map(w -> new Shape(w.name(), w.shape())).toList(),
        weightsSha256,
        training);
  }

  /**
   * Reads a model's folder.
   *
   * @throws BadDataException when it is none, or its two files do not belong together
   */
  public static TrainedModel read(Path folder) throws IOException {
    if (!isIn(folder)) {
      throw new BadDataException(folder, "a trained model's folder with pooler.json", "none");
    }
    Path json = folder.resolve(DESCRIPTION);
    Path weights = folder.resolve(WEIGHTS);
    Description description = description(json);
    if (!Files.isRegularFile(weights)) {
      throw new BadDataException(weights, "the weights of " + json, "nothing there");
    }
    String sha256 = sha256(weights);
    if (!sha256.equals(description.weightsSha256())) {
      throw new BadDataException(
          weights, "the sha256 that pooler.json names, " + description.weightsSha256(), sha256);
    }
    try {
      return new TrainedModel(
          description.name(),
          description.spec(),
          description.plugin(),
          description.version(),
          description.dim(),
          description.outputDim(),
          architecture(description),
          tensors(description, weights),
          description.training());
    } catch (IllegalArgumentException | NullPointerException e) {
      throw new BadDataException(json, "a trained model", String.valueOf(e.getMessage()));
    }
  }

  private static Description description(Path json) throws IOException {
    try {
      JsonNode read = JSON.readTree(Files.readAllBytes(json));
      if (!(read instanceof ObjectNode tree)) {
        throw new BadDataException(json, "a trained model", read.getNodeType().toString());
      }
      checkHash(json, tree);
      return JSON.treeToValue(tree, Description.class);
    } catch (JsonProcessingException e) {
      throw new BadDataException(json, "a trained model", e.getOriginalMessage());
    }
  }

  private static void checkHash(Path json, ObjectNode tree) throws IOException {
    String format = tree.path("format").asText();
    if (format.equals(FORMER_FORMAT)) {
      return;
    } else if (!format.equals(FORMAT)) {
      throw new BadDataException(json, "format " + FORMAT, format);
    }
    JsonNode named = tree.remove(HASH);
    String found = sha256(tree);
    if (named == null || !named.asText().equals(found)) {
      throw new BadDataException(
          json, "what was written, of the sha256 " + (named == null ? "?" : named.asText()), found);
    }
  }

  /** Of what a description says, however it is spelled. */
  private static String sha256(ObjectNode description) throws IOException {
    JsonNode asRead = JSON.readTree(JSON.writeValueAsBytes(description));
    return sha256(JSON.writeValueAsBytes(asRead));
  }

  private static Architecture architecture(Description description) {
    return description.forward() != null
        ? new Lines(description.forward())
        : new DjlBlock(Objects.requireNonNull(description.block(), "neither forward nor block"));
  }

  private static List<Tensor> tensors(Description description, Path weights) throws IOException {
    List<Tensor> tensors = new ArrayList<>();
    try (SafetensorsFile file = SafetensorsFile.open(weights)) {
      for (Shape shape : description.weights()) {
        tensors.add(new Tensor(shape.name(), shape.shape(), file.floats(shape.name())));
      }
    }
    return tensors;
  }

  private static String sha256(Path file) throws IOException {
    return sha256(Files.readAllBytes(file));
  }

  private static String sha256(byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
