package dev.poolmark.evaluator.encoder;

import dev.poolmark.evaluator.files.BadDataException;
import dev.poolmark.evaluator.transformer.Architecture;
import dev.poolmark.evaluator.transformer.EncoderText;
import dev.poolmark.evaluator.transformer.EncoderText.Weight;
import dev.poolmark.evaluator.weights.WeightFiles;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * How the names of an encoder's weights stand in a published file: behind a prefix such as {@code
 * bert.} where more than the encoder was saved.
 *
 * @param prefix perhaps empty
 * @param leftOver what the file holds besides, a head say
 */
public record WeightNames(String prefix, List<String> leftOver) {

  private static final int SHOWN = 3;

  public WeightNames {
    leftOver = List.copyOf(leftOver);
  }

  /**
   * Finds the weights in the files, and checks that all are there in the shapes that they should
   * have, and that none of the encoder's is left over.
   *
   * @throws BadDataException naming file and weight
   */
  public static WeightNames of(EncoderText text, WeightFiles files) {
    List<Weight> weights = Stream.concat(text.weights().stream(), text.unused().stream()).toList();
    List<String> needed = weights.stream().flatMap(weight -> weight.names().stream()).toList();
    String prefix = prefix(needed, files);
    List<String> missing =
        needed.stream().filter(name -> !files.names().contains(prefix + name)).toList();
    if (!missing.isEmpty()) {
      throw new BadDataException(
          files.path(),
          String.format(
              Locale.ROOT,
              "%d weights of the encoder%s",
              needed.size(),
              prefix.isEmpty() ? "" : ", below " + prefix),
          String.format(Locale.ROOT, "no %s", some(missing)));
    }
    weights.forEach(
        weight -> weight.names().forEach(name -> files.require(prefix + name, weight.shape())));
    return new WeightNames(prefix, leftOver(needed, prefix, files));
  }

  /** Among the places where the first name is found, the one where most others are. */
  private static String prefix(List<String> needed, WeightFiles files) {
    String first = needed.get(0);
    return files.names().stream()
        .filter(name -> name.equals(first) || name.endsWith("." + first))
        .map(name -> name.substring(0, name.length() - first.length()))
        .max(
            Comparator.comparingLong(
                    (String prefix) ->
                        needed.stream().filter(n -> files.names().contains(prefix + n)).count())
                .thenComparing(Comparator.reverseOrder()))
        .orElseThrow(
            () ->
                new BadDataException(
                    files.path(), "a weight " + first, "only " + some(List.copyOf(files.names()))));
  }

  private static List<String> leftOver(List<String> needed, String prefix, WeightFiles files) {
    Set<String> used = needed.stream().map(name -> prefix + name).collect(Collectors.toSet());
    List<String> left =
        files.names().stream()
            .filter(name -> !used.contains(name))
            .filter(name -> Architecture.NO_WEIGHTS.stream().noneMatch(name::endsWith))
            .sorted()
            .toList();
    Set<String> parts = new HashSet<>();
    needed.forEach(name -> parts.add(prefix + name.substring(0, name.indexOf('.') + 1)));
    List<String> own =
        left.stream().filter(name -> parts.stream().anyMatch(name::startsWith)).toList();
    if (!own.isEmpty()) {
      throw new BadDataException(
          files.path(),
          "no weights of the encoder but those that its config.json tells of",
          some(own));
    }
    return left;
  }

  private static String some(List<String> names) {
    List<String> shown = new ArrayList<>(names.subList(0, Math.min(SHOWN, names.size())));
    if (names.size() > SHOWN) {
      shown.add(String.format(Locale.ROOT, "and %d more", names.size() - SHOWN));
    }
    return String.join(", ", shown);
  }
}
