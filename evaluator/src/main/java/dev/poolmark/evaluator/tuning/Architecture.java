package dev.poolmark.evaluator.tuning;

import dev.poolmark.api.PoolerOption;
import dev.poolmark.evaluator.plugin.InstalledPooler;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * A pooler that has something to train, and what its options may be.
 *
 * @param options values worth trying by option, in their order where they have one
 * @param defaults the value of each option where nothing is said
 */
public record Architecture(
    String name, Map<String, List<String>> options, Map<String, String> defaults) {

  public Architecture {
    options = new LinkedHashMap<>(options);
    defaults = new LinkedHashMap<>(defaults);
  }

  /**
   * @param dim width of the tokens: an option of more than a few is mostly a width, too, and not
   *     larger
   */
  static Architecture of(InstalledPooler pooler, int dim) {
    Map<String, List<String>> options = new LinkedHashMap<>();
    Map<String, String> defaults = new LinkedHashMap<>();
    for (PoolerOption option : pooler.options()) {
      boolean integer = option.type() == PoolerOption.Type.INTEGER;
      String usual =
          integer
              ? Integer.toString(Math.min(dim, Integer.parseInt(option.defaultValue())))
              : option.defaultValue();
      options.put(option.name(), integer ? integers(Integer.parseInt(usual), dim) : values(option));
      defaults.put(option.name(), usual);
    }
    return new Architecture(pooler.name(), options, defaults);
  }

  /** Around the default, by factors of two: what an option is for, its author knows alone. */
  private static List<String> values(PoolerOption option) {
    return switch (option.type()) {
      case INTEGER -> throw new IllegalArgumentException("whole numbers depend on the width");
      case NUMBER -> numbers(Double.parseDouble(option.defaultValue()));
      case FLAG -> List.of("false", "true");
      case CHOICE -> option.allowed();
      case LIST ->
          Stream.concat(Stream.of(option.defaultValue()), option.allowed().stream())
              .distinct()
              .toList();
    };
  }

  private static List<String> integers(int usual, int dim) {
    if (usual < 5) {
      return IntStream.rangeClosed(1, Math.min(4, dim)).mapToObj(Integer::toString).toList();
    }
    int step = usual < 64 ? 1 : 16;
    TreeSet<Integer> values = new TreeSet<>();
    for (double factor : new double[] {0.2, 0.4, 0.6, 0.8, 1, 1.6}) {
      int value = (int) Math.max(1, Math.round(factor * usual / step) * step);
      values.add(Math.min(dim, value));
    }
    return values.stream().map(value -> Integer.toString(value)).toList();
  }

  private static List<String> numbers(double usual) {
    return usual == 0
        ? List.of("0.0", "0.05", "0.1")
        : Stream.of(0.0, 0.5, 1.0, 2.0, 3.0)
            .map(factor -> String.format(Locale.ROOT, "%s", Math.round(factor * usual * 1e6) / 1e6))
            .toList();
  }
}
