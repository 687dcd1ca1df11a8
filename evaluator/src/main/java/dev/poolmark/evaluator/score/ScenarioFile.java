package dev.poolmark.evaluator.score;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.poolmark.evaluator.files.TextFile;
import dev.poolmark.evaluator.metric.Metric;
import java.io.CharConversionException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.function.Function;

/**
 * Scenarios as JSON: all combinations of what is listed, and the usual ones of what is not.
 *
 * <pre>
 * {"protocols": ["fresh", "cold"], "batch_sizes": [1, 64],
 *  "curves": ["reciprocal:half=9", "exponential:half=30us"], "metrics": ["cosine_spearman"]}
 * </pre>
 */
public final class ScenarioFile {

  private static final ObjectMapper JSON =
      new ObjectMapper()
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .enable(DeserializationFeature.FAIL_ON_READING_DUP_TREE_KEY);

  private static final Set<String> FIELDS = Set.of("protocols", "batch_sizes", "curves", "metrics");

  private ScenarioFile() {}

  /**
   * Reads a file.
   *
   * @param timed how time was taken, to choose from
   * @throws BadScoreInputException naming the file, the field, what was expected and what was found
   */
  public static List<Scenario> read(Path file, List<Setting> timed) throws IOException {
    try {
      return scenarios(JSON.readTree(TextFile.bytes(file)), timed);
    } catch (JsonProcessingException e) {
      throw new BadScoreInputException(file + ": expected JSON, found " + e.getOriginalMessage());
    } catch (CharConversionException e) {
      throw new BadScoreInputException(file + ": expected JSON, found bytes that are not UTF-8");
    } catch (IllegalArgumentException e) {
      throw new BadScoreInputException(file + ": " + e.getMessage());
    }
  }

  private static List<Scenario> scenarios(JsonNode root, List<Setting> timed) {
    if (!root.isObject()) {
      throw new IllegalArgumentException(
          "expected an object with protocols, batch_sizes, curves or metrics, found " + root);
    }
    for (Iterator<String> names = root.fieldNames(); names.hasNext(); ) {
      String name = names.next();
      if (!FIELDS.contains(name)) {
        throw new IllegalArgumentException(
            "expected protocols, batch_sizes, curves or metrics, found '" + name + "'");
      }
    }
    List<String> protocols =
        list(
            root,
            "protocols",
            JsonNode::asText,
            timed.stream().map(Setting::protocol).distinct().toList());
    List<Integer> batchSizes =
        list(
            root,
            "batch_sizes",
            JsonNode::asInt,
            timed.stream().map(Setting::batchSize).distinct().toList());
    return Scenario.all(
        settings(protocols, batchSizes, timed),
        list(root, "curves", node -> TimeFormula.parse(node.asText()), Scenario.CURVES),
        list(root, "metrics", node -> Metric.of(node.asText()), Scenario.METRICS));
  }

  private static List<Setting> settings(
      List<String> protocols, List<Integer> batchSizes, List<Setting> timed) {
    List<Setting> settings = new ArrayList<>();
    for (String protocol : protocols) {
      for (int batchSize : batchSizes) {
        Setting setting = new Setting(protocol, batchSize);
        if (!timed.contains(setting)) {
          throw new IllegalArgumentException(
              setting.describe()
                  + ": expected one of "
                  + String.join("; ", timed.stream().map(Setting::describe).toList()));
        }
        settings.add(setting);
      }
    }
    return settings;
  }

  private static <T> List<T> list(
      JsonNode root, String name, Function<JsonNode, T> reader, List<T> usual) {
    if (!root.has(name)) {
      return usual;
    }
    JsonNode node = root.get(name);
    if (!node.isArray() || node.isEmpty()) {
      throw new IllegalArgumentException(name + ": expected a list, found " + node);
    }
    List<T> values = new ArrayList<>();
    for (JsonNode each : node) {
      try {
        values.add(reader.apply(each));
      } catch (IllegalArgumentException e) {
        throw new IllegalArgumentException(name + ": " + e.getMessage(), e);
      }
    }
    return values;
  }
}
