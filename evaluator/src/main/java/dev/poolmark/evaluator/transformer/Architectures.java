package dev.poolmark.evaluator.transformer;

import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;

/** The kinds of encoders that are known, by the {@code model_type} of their configs. */
final class Architectures {

  private static final Map<String, Function<Config, Architecture>> KINDS =
      new TreeMap<>(
          Map.of(
              "bert", Bert::new,
              "roberta", Roberta::new,
              "camembert", Roberta::new,
              "xlm-roberta", Roberta::new,
              "distilbert", DistilBert::new,
              "mpnet", MpNet::new,
              "electra", Electra::new,
              "albert", Albert::new,
              "modernbert", ModernBert::new,
              "nomic_bert", NomicBert::new));

  private Architectures() {}

  static Architecture of(Config config) {
    String type = config.file().text("model_type").orElse("");
    if (!KINDS.containsKey(type)) {
      throw config
          .file()
          .bad(
              "model_type",
              "one of " + KINDS.keySet() + ", to run weights alone",
              type.isEmpty() ? "no such key" : "'" + type + "'");
    }
    config.refuseWhatIsNotDone();
    return KINDS.get(type).apply(config);
  }
}
