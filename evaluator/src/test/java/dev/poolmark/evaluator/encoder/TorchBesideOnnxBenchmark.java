package dev.poolmark.evaluator.encoder;

import dev.poolmark.evaluator.files.TemporaryFolder;
import dev.poolmark.evaluator.folder.ModelFolder;
import dev.poolmark.evaluator.folder.TestFolders;
import dev.poolmark.evaluator.sentences.PairsReader;
import dev.poolmark.evaluator.sentences.SentencePair;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Sentences a second of MiniLM's weights alone, which lines of torch run, beside the same weights
 * as ONNX: rounds of both in turn, the median of each.
 */
public final class TorchBesideOnnxBenchmark {

  private static final int ROUNDS = 5;

  /**
   * Runs it.
   *
   * @param args a pairs file, how many of its sentences to take, and MiniLM's folder with {@code
   *     model.safetensors}
   */
  public static void main(String[] args) throws Exception {
    List<String> sentences = sentences(Path.of(args[0]), Integer.parseInt(args[1]));
    try (TemporaryFolder folder = new TemporaryFolder();
        TokenEncoder onnx =
            ModelFolder.read(TestFolders.minilm(folder.path().resolve("minilm"), 256)).open();
        TokenEncoder torch = ModelFolder.read(Path.of(args[2])).open()) {
      double[][] seconds = new double[2][ROUNDS];
      seconds(torch, sentences); // warms up
      seconds(onnx, sentences);
      for (int round = 0; round < ROUNDS; round++) {
        seconds[0][round] = seconds(torch, sentences);
        seconds[1][round] = seconds(onnx, sentences);
      }
      double ours = sentences.size() / median(seconds[0]);
      double theirs = sentences.size() / median(seconds[1]);
      System.out.printf(
          "%d sentences: torch %.0f sentences/s, ONNX %.0f, torch / ONNX %.2f%n",
          sentences.size(), ours, theirs, ours / theirs);
    }
  }

  private static double seconds(TokenEncoder encoder, List<String> sentences) {
    long start = System.nanoTime();
    encoder.encode(sentences, done -> {});
    return (System.nanoTime() - start) / 1e9;
  }

  private static double median(double[] values) {
    return Arrays.stream(values).sorted().toArray()[values.length / 2];
  }

  private static List<String> sentences(Path file, int count) throws Exception {
    List<String> sentences = new ArrayList<>();
    try (PairsReader reader = PairsReader.open(file)) {
      for (SentencePair pair; sentences.size() < count && (pair = reader.next()) != null; ) {
        sentences.add(pair.first());
        sentences.add(pair.second());
      }
    }
    return sentences;
  }

  private TorchBesideOnnxBenchmark() {}
}
