package dev.poolmark.evaluator.folder;

import dev.poolmark.evaluator.files.BadDataException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/** Finds the weights of a transformer in a form that can be run. */
final class WeightsFile {

  private static final String ONNX = "onnx/model.onnx";
  private static final String LFS = "version https://git-lfs";
  private static final List<String> ONLY_WEIGHTS =
      List.of("model.safetensors", "pytorch_model.bin");

  private WeightsFile() {}

  /**
   * {@code onnx/model.onnx}, or the only other ONNX file there (a quantised one), or the only one
   * of the folder itself, or its only TorchScript file {@code *.pt}.
   */
  static Path find(Path folder) throws IOException {
    Path usual = folder.resolve(ONNX);
    if (Files.isRegularFile(usual)) {
      return checkFetched(usual);
    }
    List<Path> found = list(folder.resolve("onnx"), ".onnx");
    if (found.isEmpty()) {
      found = list(folder, ".onnx");
    }
    if (found.isEmpty()) {
      found = list(folder, ".pt");
    }
    if (found.size() > 1) {
      throw new BadDataException(
          folder,
          String.format(Locale.ROOT, "weights as %s, or else one file that can be run", ONNX),
          found.stream().map(file -> folder.relativize(file).toString()).toList().toString());
    }
    if (found.isEmpty()) {
      throw missing(folder, usual);
    }
    return checkFetched(found.get(0));
  }

  /**
   * Checks that a file is not what a clone without Git LFS leaves in a large file's place.
   *
   * @return the file
   */
  static Path checkFetched(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      if (new String(in.readNBytes(LFS.length()), StandardCharsets.ISO_8859_1).equals(LFS)) {
        throw new BadDataException(
            file, "weights", "a pointer of Git LFS; fetch them with: git lfs pull");
      }
    }
    return file;
  }

  private static List<Path> list(Path folder, String suffix) throws IOException {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .filter(file -> file.toString().endsWith(suffix) && Files.isRegularFile(file))
          .sorted()
          .toList();
    }
  }

  /** Weights without a graph can't be run here; Hugging Face's own tool adds the graph. */
  private static BadDataException missing(Path folder, Path usual) {
    String expected = "the weights there, or as a TorchScript file *.pt in the folder above";
    return ONLY_WEIGHTS.stream()
        .filter(name -> Files.isRegularFile(folder.resolve(name)))
        .findFirst()
        .map(
            name ->
                new BadDataException(
                    usual,
                    expected,
                    String.format(
                        Locale.ROOT,
                        "only %s; export it with: optimum-cli export onnx --library transformers"
                            + " --task feature-extraction --model %s %s",
                        name,
                        folder,
                        folder.resolve("onnx"))))
        .orElseGet(() -> new BadDataException(usual, expected, "neither"));
  }
}
