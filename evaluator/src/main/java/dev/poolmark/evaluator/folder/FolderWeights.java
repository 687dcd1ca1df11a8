package dev.poolmark.evaluator.folder;

import dev.poolmark.evaluator.files.BadDataException;
import dev.poolmark.evaluator.weights.PickledWeights;
import dev.poolmark.evaluator.weights.SafetensorsWeights;
import dev.poolmark.evaluator.weights.WeightFiles;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The weights of a transformer, as they lie in a folder.
 *
 * @param file the model, or the weights, or the index of weights in several files
 */
record FolderWeights(WeightsKind kind, Path file) {

  private static final String LFS = "version https://git-lfs";
  private static final String ONNX = "onnx/model.onnx";
  private static final String INDEX = ".index.json";

  /**
   * Finds them: the kind that is asked for, or else the first of the kinds that there is.
   *
   * <p>ONNX is {@code onnx/model.onnx}, or the only other ONNX file there (a quantised one), or the
   * only one of the folder itself; TorchScript is its only file {@code *.pt}. Hidden files are
   * passed over.
   */
  static FolderWeights find(Path folder, Optional<WeightsKind> asked) throws IOException {
    return find(folder, asked.map(List::of).orElse(List.of(WeightsKind.values())));
  }

  /** Finds the numbers alone, which transformers builds its own graph around. */
  static FolderWeights findAlone(Path folder) throws IOException {
    return find(folder, List.of(WeightsKind.SAFETENSORS, WeightsKind.BIN));
  }

  private static FolderWeights find(Path folder, List<WeightsKind> kinds) throws IOException {
    for (WeightsKind kind : kinds) {
      Optional<Path> file = find(folder, kind);
      if (file.isPresent()) {
        return new FolderWeights(kind, checkFetched(file.get()));
      }
    }
    throw new BadDataException(
        folder,
        "weights as " + kinds.stream().map(WeightsKind::file).collect(Collectors.joining(", or ")),
        kinds.size() == 1 ? "none of that kind" : "none of them");
  }

  private static Optional<Path> find(Path folder, WeightsKind kind) throws IOException {
    return switch (kind) {
      case ONNX -> findOnnx(folder);
      case TORCHSCRIPT -> only(folder, list(folder, ".pt"));
      case SAFETENSORS, BIN ->
          Stream.of(kind.file(), kind.file() + INDEX)
              .map(folder::resolve)
              .filter(Files::isRegularFile)
              .findFirst();
    };
  }

  private static Optional<Path> findOnnx(Path folder) throws IOException {
    Path usual = folder.resolve(ONNX);
    if (Files.isRegularFile(usual)) {
      return Optional.of(usual);
    }
    List<Path> below = list(folder.resolve("onnx"), ".onnx");
    return only(folder, below.isEmpty() ? list(folder, ".onnx") : below);
  }

  private static Optional<Path> only(Path folder, List<Path> found) {
    if (found.size() > 1) {
      throw new BadDataException(
          folder,
          String.format(Locale.ROOT, "weights as %s, or else one file that can be run", ONNX),
          found.stream().map(file -> folder.relativize(file).toString()).toList().toString());
    }
    return found.stream().findFirst();
  }

  /** Whether there is no graph beside the numbers. */
  boolean alone() {
    return kind == WeightsKind.SAFETENSORS || kind == WeightsKind.BIN;
  }

  /** Opens weights alone. */
  WeightFiles open() throws IOException {
    for (Path part : parts()) {
      checkFetched(part);
    }
    if (kind == WeightsKind.BIN) {
      return isIndex() ? PickledWeights.openIndex(file) : PickledWeights.open(file);
    }
    return isIndex() ? SafetensorsWeights.openIndex(file) : SafetensorsWeights.open(file);
  }

  private boolean isIndex() {
    return file.toString().endsWith(INDEX);
  }

  private List<Path> parts() throws IOException {
    return isIndex() ? WeightFiles.parts(file) : List.of(file);
  }

  /**
   * All that the model's numbers come from: the parts of an index, or what lies beside a model
   * under its name, for large models have such parts.
   */
  List<Path> files() throws IOException {
    if (isIndex()) {
      return Stream.concat(Stream.of(file), parts().stream()).toList();
    }
    return list(Objects.requireNonNull(file.getParent()), "").stream()
        .filter(beside -> beside.getFileName().toString().startsWith(file.getFileName().toString()))
        .toList();
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

  /** Files of that ending, but hidden ones, such as macOS leaves beside any on a foreign disk. */
  private static List<Path> list(Path folder, String suffix) throws IOException {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .filter(file -> !file.getFileName().toString().startsWith("."))
          .filter(file -> file.toString().endsWith(suffix) && Files.isRegularFile(file))
          .sorted()
          .toList();
    }
  }
}
