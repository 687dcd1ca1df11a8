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
    refuseCode(config, type);
    return KINDS.get(type).apply(config);
  }

  /** A folder with code of its own computes what that says; Nomic's is the one that is known. */
  private static void refuseCode(Config config, String type) {
    config
        .value("auto_map")
        .map(map -> map.path("AutoModel"))
        .filter(code -> !code.isMissingNode() && !type.equals("nomic_bert"))
        .ifPresent(
            code -> {
              throw config
                  .file()
                  .bad("auto_map", "without a model of its own code", code.toString());
            });
  }
}
