package dev.poolmark.evaluator.transformer;

import dev.poolmark.evaluator.transformer.EncoderText.Weight;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Puts an encoder's text together. A weight is written by its published name and shape, and becomes
 * an entry of the list {@code w}. Behind the deepest state that is asked for nothing is written.
 */
final class Lines {

  private final Layers layers;
  private final List<Integer> wanted;
  private final int deepest;
  private final List<String> lines = new ArrayList<>();
  private final Map<Weight, Integer> weights = new LinkedHashMap<>();
  private int state;
  private int used = -1;

  /**
   * @param depth how many layers the encoder has
   */
  Lines(Layers layers, int depth, Config config) {
    this.layers = layers;
    wanted = layers.of(depth, config.file().file());
    deepest = wanted.stream().mapToInt(Integer::intValue).max().orElseThrow();
    line("batch = torch.size(input_ids, 0)");
    line("seq = torch.size(input_ids, 1)");
  }

  /** A line of TorchScript; its format's arguments are numbers and other pieces of TorchScript. */
  Lines line(String format, Object... arguments) {
    if (used < 0) {
      lines.add(String.format(Locale.ROOT, format, arguments));
    }
    return this;
  }

  /** A weight, as an expression. */
  String weight(String name, int... shape) {
    return weight(List.of(name), shape);
  }

  private String weight(List<String> names, int... shape) {
    Weight weight = new Weight(names, Arrays.stream(shape).mapToObj(size -> (long) size).toList());
    return String.format(
        Locale.ROOT, "w[%d]", weights.computeIfAbsent(weight, w -> weights.size()));
  }

  /** {@code x} times a matrix of shape (out, in), plus a bias. */
  String linear(String x, String name, int in, int out) {
    return linear(x, List.of(name), in, out, true);
  }

  /** The results of several such layers beside each other, in one product. */
  String linear(String x, List<String> names, int in, int out, boolean biased) {
    String weight = weight(withSuffix(names, ".weight"), out, in);
    String bias = biased ? weight(withSuffix(names, ".bias"), out) : "None";
    return String.format(Locale.ROOT, "torch.linear(%s, %s, %s)", x, weight, bias);
  }

  private static List<String> withSuffix(List<String> names, String suffix) {
    return names.stream().map(name -> name + suffix).toList();
  }

  /** Each row of {@code x} with mean 0 and variance 1, scaled and moved (Ba et al. 2016). */
  String norm(String x, String name, int width, double eps) {
    return norm(x, name, width, eps, true);
  }

  String norm(String x, String name, int width, double eps, boolean biased) {
    return String.format(
        Locale.ROOT,
        "torch.layer_norm(%s, [%d], %s, %s, %s)",
        x,
        width,
        weight(name + ".weight", width),
        biased ? weight(name + ".bias", width) : "None",
        eps);
  }

  /** The rows of a table that the ids name. */
  String embedding(String ids, String name, int rows, int width) {
    return String.format(
        Locale.ROOT, "torch.embedding(%s, %s)", weight(name + ".weight", rows, width), ids);
  }

  /** What is now in {@code x} is the next hidden state. */
  void state() {
    line("h%d = x", state);
    if (state == deepest) {
      line("return %s", result());
      used = weights.size();
    }
    state++;
  }

  private String result() {
    String states =
        wanted.stream().map(number -> "h" + number).collect(Collectors.joining(", ", "[", "]"));
    if (wanted.size() == 1) {
      return "h" + wanted.get(0);
    } else if (layers.join() == Layers.Join.CONCAT) {
      return String.format(Locale.ROOT, "torch.cat(%s, 2)", states);
    }
    return String.format(Locale.ROOT, "torch.mean(torch.stack(%s), [0])", states);
  }

  /**
   * The finished text.
   *
   * @param dim width of a hidden state
   */
  EncoderText text(int dim) {
    List<Weight> all = List.copyOf(weights.keySet());
    return new EncoderText(
        lines, all.subList(0, used), all.subList(used, all.size()), layers.width(dim));
  }
}
