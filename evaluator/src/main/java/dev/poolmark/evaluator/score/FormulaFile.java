package dev.poolmark.evaluator.score;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.poolmark.evaluator.files.AtomicFile;
import dev.poolmark.evaluator.files.TextFile;
import dev.poolmark.evaluator.metric.Metric;
import dev.poolmark.evaluator.score.Mixture.Member;
import java.io.CharConversionException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * A formula as JSON. A side is one formula with its origin:
 *
 * <pre>
 * {"quality": {"metric": "cosine_spearman", "scale": 1.0, "power": 1.0, "origin": "a guess"},
 *  "time": {"half": 9.0, "origin": "a guess"}}
 * </pre>
 *
 * <p>A time formula may also have a {@code curve} (else {@code reciprocal}), a {@code clock} (else
 * {@code relative}), and a {@code protocol} with a {@code batch_size}. A side may be several
 * formulas, each with its {@code weight}: {@code {"origin": "…", "ensemble": [{"weight": 0.5,
 * "half": 9.0}, …]}}.
 */
final class FormulaFile {

  private static final ObjectMapper JSON =
      new ObjectMapper()
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .enable(DeserializationFeature.FAIL_ON_READING_DUP_TREE_KEY)
          .enable(SerializationFeature.INDENT_OUTPUT);

  private static final String ENSEMBLE = "ensemble";
  private static final List<String> QUALITY = List.of("metric", "scale", "power");
  private static final List<String> TIME = List.of("half");
  private static final List<String> TIME_OPTIONS =
      List.of("curve", "clock", "protocol", "batch_size");

  private FormulaFile() {}

  static ScoreFormula read(Path file) throws IOException {
    try {
      return of(JSON.readTree(TextFile.bytes(file)));
    } catch (JsonProcessingException e) {
      throw new BadScoreInputException(file + ": expected JSON, found " + e.getOriginalMessage());
    } catch (CharConversionException e) {
      throw new BadScoreInputException(file + ": expected JSON, found bytes that are not UTF-8");
    } catch (IllegalArgumentException e) {
      throw new BadScoreInputException(file + ": " + e.getMessage());
    }
  }

  static void write(ScoreFormula formula, Path file) throws IOException {
    AtomicFile.writeString(file, JSON.writeValueAsString(toJson(formula)) + "\n");
  }

  private static ScoreFormula of(JsonNode root) {
    fields("the formula", root, List.of("quality", "time"), List.of());
    return new ScoreFormula(
        mixture("quality", root.get("quality"), QUALITY, List.of(), FormulaFile::quality),
        mixture("time", root.get("time"), TIME, TIME_OPTIONS, FormulaFile::time));
  }

  private static <F extends Formula> Mixture<F> mixture(
      String part,
      JsonNode node,
      List<String> names,
      List<String> options,
      Function<JsonNode, F> reader) {
    if (!node.has(ENSEMBLE)) {
      fields(part, node, with(names, "origin"), options);
      return within(part, () -> Mixture.of(reader.apply(node), text(node, "origin")));
    }
    fields(part, node, List.of("origin", ENSEMBLE), List.of());
    List<Member<F>> members = new ArrayList<>();
    for (JsonNode member : node.get(ENSEMBLE)) {
      String place = part + "." + ENSEMBLE + "[" + members.size() + "]";
      fields(place, member, with(names, "weight"), options);
      members.add(
          within(place, () -> new Member<>(reader.apply(member), number(member, "weight"))));
    }
    return within(part, () -> new Mixture<>(members, text(node, "origin")));
  }

  private static QualityFormula quality(JsonNode node) {
    return new QualityFormula(metric(node), number(node, "scale"), number(node, "power"));
  }

  private static TimeFormula time(JsonNode node) {
    return new TimeFormula(
        node.has("curve") ? TimeCurve.of(text(node, "curve")) : TimeCurve.RECIPROCAL,
        node.has("clock") ? Clock.of(text(node, "clock")) : Clock.RELATIVE,
        number(node, "half"),
        setting(node));
  }

  private static Optional<Setting> setting(JsonNode node) {
    if (!node.has("protocol") && !node.has("batch_size")) {
      return Optional.empty();
    } else if (!node.hasNonNull("protocol") || !node.path("batch_size").canConvertToInt()) {
      throw new IllegalArgumentException(
          "protocol: expected a protocol together with a batch_size, a whole number");
    }
    return Optional.of(new Setting(text(node, "protocol"), node.get("batch_size").intValue()));
  }

  private static List<String> with(List<String> names, String another) {
    List<String> all = new ArrayList<>(names);
    all.add(another);
    return all;
  }

  private static <T> T within(String part, Supplier<T> made) {
    try {
      return made.get();
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(part + "." + e.getMessage(), e);
    }
  }

  private static void fields(String part, JsonNode node, List<String> names, List<String> options) {
    if (node == null || !node.isObject()) {
      throw new IllegalArgumentException(
          part + ": expected an object with " + String.join(", ", names) + ", found " + node);
    }
    for (String name : names) {
      if (!node.hasNonNull(name)) {
        throw new IllegalArgumentException(part + ": expected '" + name + "', found none");
      }
    }
    for (Iterator<String> found = node.fieldNames(); found.hasNext(); ) {
      String name = found.next();
      if (!names.contains(name) && !options.contains(name)) {
        throw new IllegalArgumentException(
            part + ": expected " + String.join(", ", names) + ", found '" + name + "'");
      }
    }
  }

  private static Metric metric(JsonNode node) {
    try {
      return Metric.of(node.get("metric").asText());
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("metric: " + e.getMessage(), e);
    }
  }

  private static double number(JsonNode node, String name) {
    if (!node.get(name).isNumber()) {
      throw new IllegalArgumentException(
          name + ": expected a number above 0, found " + node.get(name));
    }
    return node.get(name).doubleValue();
  }

  private static String text(JsonNode node, String name) {
    if (!node.get(name).isTextual()) {
      throw new IllegalArgumentException(name + ": expected a text, found " + node.get(name));
    }
    return node.get(name).textValue();
  }

  private static JsonNode toJson(ScoreFormula formula) {
    ObjectNode root = JSON.createObjectNode();
    root.set("quality", toJson(formula.quality()));
    root.set("time", toJson(formula.time()));
    return root;
  }

  private static ObjectNode toJson(Mixture<?> mixture) {
    if (mixture.members().size() == 1) {
      return toJson(mixture.likeliest()).put("origin", mixture.origin());
    }
    ObjectNode node = JSON.createObjectNode().put("origin", mixture.origin());
    for (Member<?> member : mixture.members()) {
      node.withArray(ENSEMBLE).add(toJson(member.formula()).put("weight", member.weight()));
    }
    return node;
  }

  private static ObjectNode toJson(Formula formula) {
    ObjectNode node = JSON.createObjectNode();
    if (formula instanceof QualityFormula quality) {
      node.put("metric", quality.metric().key())
          .put("scale", quality.scale())
          .put("power", quality.power());
    } else if (formula instanceof TimeFormula time) {
      node.put("curve", time.curve().key())
          .put("clock", time.clock().key())
          .put("half", time.half());
      time.setting()
          .ifPresent(
              how -> node.put("protocol", how.protocol()).put("batch_size", how.batchSize()));
    }
    return node;
  }
}
