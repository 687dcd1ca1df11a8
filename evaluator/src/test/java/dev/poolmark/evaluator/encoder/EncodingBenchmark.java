package dev.poolmark.evaluator.encoder;

import dev.langchain4j.data.segment.TextSegment;
import dev.langchain4j.model.embedding.EmbeddingModel;
import dev.langchain4j.model.embedding.onnx.allminilml6v2.AllMiniLmL6V2EmbeddingModel;
import dev.langchain4j.model.embedding.onnx.bgesmallenv15.BgeSmallEnV15EmbeddingModel;
import dev.poolmark.api.PoolerOptions;
import dev.poolmark.evaluator.folder.ModelFolder;
import dev.poolmark.evaluator.folder.TestFolders;
import dev.poolmark.evaluator.sentences.PairsReader;
import dev.poolmark.evaluator.sentences.SentencePair;
import dev.poolmark.evaluator.text.SentenceEmbedder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Sentences a second, pooled and normalised, beside langchain4j's on the same file in one run:
 * rounds of all in turn, the median of each. langchain4j embeds one sentence at a time, {@code
 * embed}, or several such at once, {@code embedAll}.
 */
public final class EncodingBenchmark {

  private static final int ROUNDS = 3;

  /**
   * Runs it.
   *
   * @param args a pairs file, and how many of its first sentences to take
   */
  public static void main(String[] args) throws Exception {
    List<String> sentences = sentences(Path.of(args[0]), Integer.parseInt(args[1]));
    Path folders = Files.createTempDirectory("encoding-benchmark");
    try {
      compare(
          TestFolders.minilm(folders.resolve("all-minilm-l6-v2"), 128),
          new AllMiniLmL6V2EmbeddingModel(),
          sentences);
      compare(
          TestFolders.bge(folders.resolve("bge-small-en-v1.5"), 512),
          new BgeSmallEnV15EmbeddingModel(),
          sentences);
    } finally {
      try (Stream<Path> files = Files.walk(folders)) {
        files.sorted(Comparator.reverseOrder()).forEach(file -> file.toFile().delete());
      }
    }
  }

  private static void compare(Path folder, EmbeddingModel theirs, List<String> sentences)
      throws IOException {
    ModelFolder model = ModelFolder.read(folder);
    try (TokenEncoder encoder = model.open();
        SentenceEmbedder ours =
            new SentenceEmbedder(
                encoder,
                model.pooler().create(PoolerOptions.of(List.of(), Map.of(), model.dim())))) {
      List<TextSegment> segments = sentences.stream().map(TextSegment::from).toList();
      double[][] seconds = new double[3][ROUNDS];
      for (int round = -1; round < ROUNDS; round++) { // the first one warms up
        double[] taken = {
          seconds(() -> ours.embed(sentences)),
          seconds(() -> sentences.forEach(theirs::embed)),
          seconds(() -> theirs.embedAll(segments))
        };
        for (int i = 0; i < taken.length && round >= 0; i++) {
          seconds[i][round] = taken[i];
        }
      }
      double[] rates =
          Arrays.stream(seconds).mapToDouble(s -> sentences.size() / median(s)).toArray();
      System.out.printf(
          "%s, %d sentences: poolmark %.0f sentences/s, langchain4j embed %.0f (%.2f x), embedAll"
              + " %.0f (%.2f x)%n",
          model.name(),
          sentences.size(),
          rates[0],
          rates[1],
          rates[0] / rates[1],
          rates[2],
          rates[0] / rates[2]);
    }
  }

  static double seconds(Runnable work) {
    long start = System.nanoTime();
    work.run();
    return (System.nanoTime() - start) / 1e9;
  }

  static double median(double[] values) {
    return Arrays.stream(values).sorted().toArray()[values.length / 2];
  }

  static List<String> sentences(Path file, int count) throws IOException {
    List<String> sentences = new ArrayList<>();
    try (PairsReader reader = PairsReader.open(file)) {
      for (SentencePair pair; sentences.size() < count && (pair = reader.next()) != null; ) {
        sentences.add(pair.first());
        sentences.add(pair.second());
      }
    }
    return sentences;
  }

  private EncodingBenchmark() {}
}
