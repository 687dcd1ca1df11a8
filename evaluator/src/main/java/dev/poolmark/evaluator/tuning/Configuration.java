package dev.poolmark.evaluator.tuning;

import dev.poolmark.evaluator.training.Initial;
import dev.poolmark.evaluator.training.Loss;
import dev.poolmark.evaluator.training.TrainingSettings;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * One point of the search space.
 *
 * @param values by what is chosen: {@code pooler}, {@code attention.heads}, {@code learning_rate}
 */
public record Configuration(Map<String, String> values) {

  static final String POOLER = "pooler";

  public Configuration {
    values = new TreeMap<>(values);
  }

  String pooler() {
    return value(POOLER);
  }

  /** The pooler with its options. */
  String spec() {
    String prefix = pooler() + ".";
    String options =
        values.entrySet().stream()
            .filter(entry -> entry.getKey().startsWith(prefix))
            .map(entry -> entry.getKey().substring(prefix.length()) + "=" + entry.getValue())
            .collect(Collectors.joining(","));
    return options.isEmpty() ? pooler() : pooler() + ":" + options;
  }

  /**
   * How to train it.
   *
   * @param epochShare of its epochs, for a first look
   */
  TrainingSettings settings(double epochShare, long seed) {
    Loss loss = Loss.valueOf(value("loss").toUpperCase(Locale.ROOT));
    int epochs = (int) Math.max(1, Math.round(epochShare * number("epochs")));
    return new TrainingSettings(
        loss,
        Initial.valueOf(value("initial").toUpperCase(Locale.ROOT)),
        number("unrelated"),
        epochs,
        (int) number("batch_size"),
        number("learning_rate"),
        number("warmup"),
        number("weight_decay"),
        1,
        number("averaging"),
        Math.max(3, epochs / 2),
        seed);
  }

  private double number(String name) {
    return Double.parseDouble(value(name));
  }

  private String value(String name) {
    String value = values.get(name);
    if (value == null) {
      throw new IllegalArgumentException("expected a value of " + name + ", found " + values);
    }
    return value;
  }
}
