package dev.poolmark.evaluator.encoder;

import dev.poolmark.evaluator.files.TemporaryFolder;
import dev.poolmark.evaluator.folder.ModelFolder;
import dev.poolmark.evaluator.folder.TestFolders;
import java.nio.file.Path;
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
    List<String> sentences =
        EncodingBenchmark.sentences(Path.of(args[0]), Integer.parseInt(args[1]));
    try (TemporaryFolder folder = new TemporaryFolder();
        TokenEncoder onnx =
            ModelFolder.read(TestFolders.minilm(folder.path().resolve("minilm"), 256)).open();
        TokenEncoder torch = ModelFolder.read(Path.of(args[2])).open()) {
      double[][] seconds = new double[2][ROUNDS];
      EncodingBenchmark.seconds(() -> torch.encode(sentences, done -> {})); // warms up
      EncodingBenchmark.seconds(() -> onnx.encode(sentences, done -> {}));
      for (int round = 0; round < ROUNDS; round++) {
        seconds[0][round] = EncodingBenchmark.seconds(() -> torch.encode(sentences, done -> {}));
        seconds[1][round] = EncodingBenchmark.seconds(() -> onnx.encode(sentences, done -> {}));
      }
      double ours = sentences.size() / EncodingBenchmark.median(seconds[0]);
      double theirs = sentences.size() / EncodingBenchmark.median(seconds[1]);
      System.out.printf(
          "%d sentences: torch %.0f sentences/s, ONNX %.0f, torch / ONNX %.2f%n",
          sentences.size(), ours, theirs, ours / theirs);
    }
  }

  private TorchBesideOnnxBenchmark() {}
}
