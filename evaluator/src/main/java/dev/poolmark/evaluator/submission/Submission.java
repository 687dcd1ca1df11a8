package dev.poolmark.evaluator.submission;

import dev.poolmark.api.Init;
import dev.poolmark.api.Pooler;
import dev.poolmark.api.TorchPooler;
import dev.poolmark.api.Weight;
import dev.poolmark.evaluator.contest.Contest;
import dev.poolmark.evaluator.contest.OverSizeLimitException;
import dev.poolmark.evaluator.dataset.TokenStore;
import dev.poolmark.evaluator.files.AtomicFile;
import dev.poolmark.evaluator.files.NamedOutputStream;
import dev.poolmark.evaluator.files.TemporaryFolder;
import dev.poolmark.evaluator.plugin.BadSpecException;
import dev.poolmark.evaluator.plugin.TrainedModel;
import dev.poolmark.evaluator.torch.CompiledPooler;
import dev.poolmark.evaluator.torch.PoolerFault;
import dev.poolmark.evaluator.torch.Tensor;
import dev.poolmark.evaluator.torch.TensorType;
import dev.poolmark.evaluator.torch.TorchEngine;
import dev.poolmark.evaluator.training.DataRows;
import dev.poolmark.evaluator.training.DevEvaluation;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * The zip for the grader: {@code NAME.py}, whose {@code get_model()} gives a {@code
 * torch.nn.Module}, and its weights {@code NAME.bin}, a state dict.
 *
 * @param zip where it is
 * @param weightsBytes size of {@code NAME.bin}
 * @param rounding what storing less than float32 costs; empty where that was not asked for
 * @param verification what a real Python says of it; empty where there is none with torch
 */
public record Submission(
    Path zip, long weightsBytes, Optional<Rounding> rounding, Optional<Verification> verification) {

  /**
   * Cosine Spearman on the data.
   *
   * @param rounded with the weights as they are stored
   * @param exact with float32 ones
   */
  public record Rounding(double rounded, double exact) {}

  /**
   * Packs a pooler, and puts the zip in its place once it is verified.
   *
   * @param data pairs to verify it on
   * @throws OverSizeLimitException when its weights are too large
   * @throws PoolerFault when Python's torch doesn't give what Java's gives
   */
  public static Submission write(SubmissionRequest request, TokenStore data) throws IOException {
    try (TemporaryFolder work = new TemporaryFolder()) {
      Pooler pooler = rounded(request);
      SubmissionFiles files = files(request, pooler, work.path());
      long bytes = files.bytes();
      Contest.checkSize(files.weights().getFileName().toString(), bytes);
      Path zip = work.resolve(request.out().getFileName().toString());
      pack(zip, List.of(files.python(), files.weights()));
      Optional<Python> interpreter = Python.find();
      Optional<Verification> verification = Optional.empty();
      if (interpreter.isPresent()) {
        verification =
            Optional.of(Verification.of(zip, pooler, request.dim(), data, interpreter.get(), work));
      }
      Optional<Rounding> rounding = rounding(request, pooler, data);
      AtomicFile.write(request.out(), out -> Files.copy(zip, out));
      return new Submission(request.out(), bytes, rounding, verification);
    }
  }

  /** The pooler as a reader of the state dict gets it. */
  static Pooler rounded(SubmissionRequest request) {
    if (!(request.pooler().pooler() instanceof TorchPooler lines)) {
      return request.pooler().pooler();
    }
    return TrainedModel.withWeights(
        lines, tensors(request, lines).stream().map(request.type()::rounded).toList());
  }

  private static List<Tensor> tensors(SubmissionRequest request, TorchPooler lines) {
    return lines.weights().stream().map(weight -> tensor(request, weight)).toList();
  }

  private static Tensor tensor(SubmissionRequest request, Weight weight) {
    if (weight.init() instanceof Init.Values trained) {
      return new Tensor(weight.name(), weight.shape(), trained.values());
    }
    throw new BadSpecException(
        String.format(
            Locale.ROOT,
            "pooler '%s': expected a trained model's folder, found untrained weights",
            request.pooler().spec()));
  }

  private static SubmissionFiles files(SubmissionRequest request, Pooler pooler, Path folder)
      throws IOException {
    return SubmissionFiles.write(
        folder,
        request.name(),
        pooler,
        request.pooler().spec(),
        request.dim(),
        pooler instanceof TorchPooler lines ? tensors(request, lines) : List.of(),
        request.type());
  }

  private static void pack(Path zip, List<Path> files) throws IOException {
    try (OutputStream out = NamedOutputStream.open(zip);
        ZipOutputStream entries = new ZipOutputStream(out)) {
      for (Path file : files) {
        ZipEntry entry = new ZipEntry(file.getFileName().toString());
        entry.setTime(315532800000L); // 1980, the earliest: equal input, equal bytes
        entries.putNextEntry(entry);
        Files.copy(file, entries);
        entries.closeEntry();
      }
    }
  }

  private static Optional<Rounding> rounding(
      SubmissionRequest request, Pooler rounded, TokenStore data) {
    if (request.type() == TensorType.FLOAT32) {
      return Optional.empty();
    }
    Pooler exact = request.pooler().pooler();
    return Optional.of(
        new Rounding(spearman(rounded, request.dim(), data), spearman(exact, request.dim(), data)));
  }

  private static double spearman(Pooler pooler, int dim, TokenStore data) {
    TorchEngine.start(1);
    TorchEngine.prepareThread();
    try (CompiledPooler compiled = CompiledPooler.of(pooler, dim, 0)) {
      int outputDim = compiled.outputDim().orElseThrow();
      DevEvaluation evaluation = new DevEvaluation(DataRows.all(data), outputDim);
      return Objects.requireNonNull(
          evaluation.of(compiled::forward).cosineSpearman(), "rounding is told by pairs");
    }
  }
}
