package dev.poolmark.evaluator.tuning;

import dev.poolmark.evaluator.plugin.PoolerSpec;
import dev.poolmark.evaluator.training.TrainingRequest;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;

/** All that is tried: the poolers with their options, and how they are trained. */
final class SearchSpace {

  /** In their order, for a step to a neighbour is likelier to do well than a leap. */
  private static final Map<String, List<String>> TRAINING = new LinkedHashMap<>();

  private static final Map<String, String> USUAL =
      Map.of(
          "loss", "spearman",
          "initial", "axes",
          "unrelated", "0.1",
          "epochs", "8",
          "batch_size", "256",
          "learning_rate", "0.001",
          "warmup", "0.1",
          "weight_decay", "0.01",
          "averaging", "0");

  /** Smaller batches, averaged, with half whitened axes: see EXPERIMENTS. */
  private static final Map<String, String> LONGER =
      Map.of(
          "loss", "correlations",
          "initial", "whitened",
          "unrelated", "0.2",
          "batch_size", "64",
          "averaging", "0.9");

  static {
    // Pearson's correlation alone, and squared errors, look best on dev rows and lose elsewhere.
    TRAINING.put("loss", List.of("spearman", "correlations", "cosent"));
    TRAINING.put("initial", List.of("axes", "whitened", "standardised"));
    TRAINING.put("unrelated", List.of("0", "0.05", "0.1", "0.2", "0.4"));
    TRAINING.put("epochs", List.of("4", "6", "8", "11", "14", "20"));
    TRAINING.put("batch_size", List.of("64", "128", "256", "512"));
    TRAINING.put("learning_rate", List.of("0.0003", "0.0006", "0.001", "0.002", "0.004"));
    TRAINING.put("warmup", List.of("0.05", "0.1", "0.3"));
    TRAINING.put("weight_decay", List.of("0", "0.01", "0.1"));
    TRAINING.put("averaging", List.of("0", "0.9", "0.97"));
  }

  private final Map<String, Architecture> architectures = new TreeMap<>();

  SearchSpace(List<Architecture> all) {
    all.forEach(each -> architectures.put(each.name(), each));
  }

  /**
   * What is tried first, as long as there is time: the pooler that {@code train} takes, for it is
   * good on all kinds of tokens, trained in both ways that are; then each other one as it comes.
   */
  List<Configuration> starters() {
    PoolerSpec.Named usual = PoolerSpec.named(TrainingRequest.USUAL_POOLER);
    List<Configuration> starters = new ArrayList<>();
    Architecture first = architectures.get(usual.name());
    if (first != null) {
      starters.add(starter(first, usual.options(), Map.of()));
      starters.add(starter(first, usual.options(), LONGER));
    }
    architectures.values().stream()
        .filter(architecture -> !architecture.equals(first))
        .forEach(architecture -> starters.add(starter(architecture, Map.of(), Map.of())));
    return starters;
  }

  private static Configuration starter(
      Architecture architecture, Map<String, String> options, Map<String, String> training) {
    Map<String, String> values = new TreeMap<>(USUAL);
    values.putAll(training);
    values.put(Configuration.POOLER, architecture.name());
    architecture.defaults().forEach((option, value) -> put(values, architecture, option, value));
    options.forEach((option, value) -> put(values, architecture, option, value));
    return new Configuration(values);
  }

  /** Of the widths that there are, or narrower tokens would have none. */
  private static void put(
      Map<String, String> values, Architecture architecture, String option, String value) {
    List<String> choices = architecture.options().getOrDefault(option, List.of());
    values.put(
        architecture.name() + "." + option,
        choices.isEmpty() || choices.contains(value) ? value : choices.get(choices.size() - 1));
  }

  Configuration random(Random random) {
    List<String> names = List.copyOf(architectures.keySet());
    return random(names.get(random.nextInt(names.size())), random);
  }

  private Configuration random(String pooler, Random random) {
    Map<String, String> values = new TreeMap<>();
    values.put(Configuration.POOLER, pooler);
    TRAINING.forEach((name, choices) -> values.put(name, any(choices, random)));
    options(pooler).forEach((name, choices) -> values.put(name, any(choices, random)));
    return new Configuration(values);
  }

  /** The same but for one to three choices, most of them a step away. */
  Configuration neighbour(Configuration of, Random random) {
    if (random.nextInt(8) == 0) {
      return otherPooler(of, random);
    }
    Map<String, String> values = new TreeMap<>(of.values());
    Map<String, List<String>> choices = new LinkedHashMap<>(options(of.pooler()));
    choices.putAll(TRAINING);
    List<String> names = List.copyOf(choices.keySet());
    for (int changes = 1 + random.nextInt(3); changes > 0; changes--) {
      String name = names.get(random.nextInt(names.size()));
      values.put(
          name, near(choices.getOrDefault(name, List.of()), values.getOrDefault(name, ""), random));
    }
    return new Configuration(values);
  }

  /** Another pooler, trained in the same way. */
  private Configuration otherPooler(Configuration of, Random random) {
    Map<String, String> values = new TreeMap<>(random(random).values());
    TRAINING.keySet().forEach(name -> values.put(name, of.values().get(name)));
    return new Configuration(values);
  }

  private Map<String, List<String>> options(String pooler) {
    Map<String, List<String>> options = new LinkedHashMap<>();
    Objects.requireNonNull(architectures.get(pooler))
        .options()
        .forEach((name, values) -> options.put(pooler + "." + name, values));
    return options;
  }

  private static String near(List<String> choices, String value, Random random) {
    int at = choices.indexOf(value);
    int to = at + (random.nextBoolean() ? 1 : -1);
    boolean leap = at < 0 || to < 0 || to >= choices.size() || random.nextInt(4) == 0;
    return leap ? any(choices, random) : choices.get(to);
  }

  private static String any(List<String> choices, Random random) {
    return choices.get(random.nextInt(choices.size()));
  }
}
