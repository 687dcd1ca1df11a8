package dev.poolmark.evaluator.training;

import dev.poolmark.evaluator.encoder.BundledEncoders;
import dev.poolmark.evaluator.encoder.TokenEncoder;
import dev.poolmark.evaluator.files.UserFolders;
import dev.poolmark.evaluator.metric.Similarity;
import dev.poolmark.evaluator.plugin.PluginCatalog;
import dev.poolmark.evaluator.plugin.PoolerSpec;
import dev.poolmark.evaluator.sentences.PairsReader;
import dev.poolmark.evaluator.sentences.SentencePair;
import dev.poolmark.evaluator.text.SentenceEmbedder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * Makes triplets of STS-B: anchor and positive are a pair labelled 4 or more, the negative is, of
 * the sentences in lower pairs, the one that shares most words with the anchor. The margins are
 * those of a teacher, the mean of the bundled encoders.
 */
public final class StsbTriplets {

  private StsbTriplets() {}

  /**
   * Writes them.
   *
   * @param args a file of STS-B, the file for the triplets, how many of them, and the folder of
   *     plugins
   */
  public static void main(String[] args) throws IOException {
    try (TokenEncoder encoder = BundledEncoders.open(UserFolders.cache())) {
      write(
          Path.of(args[0]),
          Path.of(args[1]),
          Integer.parseInt(args[2]),
          encoder,
          PluginCatalog.of(List.of(Path.of(args[3]))));
    }
  }

  static void write(
      Path pairs, Path triplets, int most, TokenEncoder encoder, PluginCatalog plugins)
      throws IOException {
    List<String[]> rows = rows(pairs, most);
    try (SentenceEmbedder teacher =
        new SentenceEmbedder(
            encoder, plugins.create(PoolerSpec.parse("mean"), encoder.dim()).pooler())) {
      List<List<float[]>> sides = new ArrayList<>();
      for (int side = 0; side < 3; side++) {
        int column = side;
        sides.add(teacher.embed(rows.stream().map(row -> row[column]).toList()));
      }
      StringBuilder text = new StringBuilder();
      for (int i = 0; i < rows.size(); i++) {
        double margin =
            Similarity.COSINE.of(sides.get(0).get(i), sides.get(1).get(i))
                - Similarity.COSINE.of(sides.get(0).get(i), sides.get(2).get(i));
        text.append(String.join("\t", rows.get(i))).append('\t').append(margin).append('\n');
      }
      Files.writeString(triplets, text);
    }
  }

  private static List<String[]> rows(Path file, int most) throws IOException {
    List<SentencePair> close = new ArrayList<>();
    Set<String> others = new LinkedHashSet<>();
    try (PairsReader reader = PairsReader.open(file)) {
      for (SentencePair pair; (pair = reader.next()) != null; ) {
        if (pair.label() >= 4 && !pair.first().equals(pair.second())) {
          close.add(pair);
        } else if (pair.label() < 4) {
          others.add(pair.first());
          others.add(pair.second());
        }
      }
    }
    List<String[]> rows = new ArrayList<>();
    // Spread over the file, for it goes by sources.
    int count = Math.min(most, close.size());
    for (int i = 0; i < count; i++) {
      SentencePair pair = close.get((int) ((long) i * close.size() / count));
      Set<String> anchor = words(pair.first());
      String negative =
          others.stream()
              .filter(other -> !other.equals(pair.first()) && !other.equals(pair.second()))
              .max(Comparator.comparingDouble(other -> shared(anchor, words(other))))
              .orElseThrow();
      rows.add(new String[] {pair.first(), pair.second(), negative});
    }
    return rows;
  }

  private static Set<String> words(String sentence) {
    return new HashSet<>(Arrays.asList(sentence.toLowerCase(Locale.ROOT).split("\\W+")));
  }

  private static double shared(Set<String> words, Set<String> others) {
    long both = words.stream().filter(others::contains).count();
    return both / (double) (words.size() + others.size() - both);
  }
}
