package dev.poolmark.evaluator.transformer;

import dev.poolmark.evaluator.files.BadDataException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Which hidden states of an encoder make a token's embedding. State 0 is the embedding layer, state
 * n is what the n-th layer gives, and -1 is the last one.
 *
 * @param join how several states become one
 * @param states one or more
 */
public record Layers(Join join, List<Integer> states) {

  /** What becomes of several states. */
  public enum Join {
    /** The average of their numbers. */
    MEAN,
    /** One behind the other: as many times as wide. */
    CONCAT
  }

  /** The last state, which is what most models are pooled from. */
  public static final Layers LAST = new Layers(Join.MEAN, List.of(-1));

  private static final Pattern NUMBER = Pattern.compile("-?[0-9]{1,4}");
  private static final String EXPECTED =
      "a layer as -1, 0, first+last, mean:LAYER,LAYER or concat:LAYER,LAYER";

  public Layers {
    states = List.copyOf(states);
    if (states.isEmpty() || states.stream().distinct().count() < states.size()) {
      throw new IllegalArgumentException("expected layers, each once, found " + states);
    }
  }

  /**
   * Reads {@code -1}, {@code 0}, {@code first+last} (the mean of layer 1 and the last), {@code
   * mean:1,-1} or {@code concat:-2,-1}.
   *
   * @throws IllegalArgumentException with what was expected and found
   */
  public static Layers parse(String text) {
    if (text.equals("first+last")) {
      return new Layers(Join.MEAN, List.of(1, -1));
    }
    for (Join join : Join.values()) {
      String prefix = join.name().toLowerCase(Locale.ROOT) + ":";
      if (text.startsWith(prefix)) {
        String[] states = text.substring(prefix.length()).split(",", -1);
        return new Layers(join, Arrays.stream(states).map(state -> state(state, text)).toList());
      }
    }
    return new Layers(Join.MEAN, List.of(state(text, text)));
  }

  private static int state(String number, String text) {
    if (!NUMBER.matcher(number).matches()) {
      throw new IllegalArgumentException("expected " + EXPECTED + ", found '" + text + "'");
    }
    return Integer.parseInt(number);
  }

  /**
   * The states counted from 0, for a model of so many layers.
   *
   * @param file what tells how many there are
   * @throws BadDataException where there is no such layer
   */
  public List<Integer> of(int layers, Path file) {
    List<Integer> counted =
        states.stream()
            .map(
                state -> {
                  int from0 = state < 0 ? state + layers + 1 : state;
                  if (from0 < 0 || from0 > layers) {
                    throw new BadDataException(
                        file,
                        String.format(
                            Locale.ROOT,
                            "a layer from 0 to %d, or from -1 to -%d",
                            layers,
                            layers + 1),
                        state.toString());
                  }
                  return from0;
                })
            .toList();
    if (counted.stream().distinct().count() < counted.size()) {
      throw new IllegalArgumentException(
          String.format(Locale.ROOT, "expected each of %d layers once, found %s", layers, states));
    }
    return counted;
  }

  /** How wide the embeddings are, where a state is {@code dim} wide. */
  public int width(int dim) {
    return join == Join.CONCAT ? Math.multiplyExact(dim, states.size()) : dim;
  }

  /** As {@link #parse} reads it. */
  @Override
  public String toString() {
    if (states.size() == 1) {
      return states.get(0).toString();
    }
    return states.stream()
        .map(String::valueOf)
        .collect(Collectors.joining(",", join.name().toLowerCase(Locale.ROOT) + ":", ""));
  }
}
