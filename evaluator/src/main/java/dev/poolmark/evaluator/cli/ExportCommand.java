package dev.poolmark.evaluator.cli;

import dev.poolmark.evaluator.dataset.TokenStore;
import dev.poolmark.evaluator.files.AtomicFile;
import dev.poolmark.evaluator.folder.ModelFolder;
import dev.poolmark.evaluator.plugin.PluginCatalog;
import dev.poolmark.evaluator.plugin.PoolerSpec;
import dev.poolmark.evaluator.plugin.SpecifiedPooler;
import dev.poolmark.evaluator.submission.SentenceTransformersFolder;
import dev.poolmark.evaluator.submission.Submission;
import dev.poolmark.evaluator.submission.SubmissionRequest;
import dev.poolmark.evaluator.submission.Verification;
import dev.poolmark.evaluator.torch.TensorType;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Packs a pooler for the grader. */
@Command(
    name = "export",
    mixinStandardHelpOptions = true,
    description =
        "Pack a pooler as the zip that the contest's grader takes, and check it in a real Python"
            + " (POOLMARK_PYTHON or python3) on the data. Or write it behind an encoder, as a folder"
            + " that sentence-transformers loads.")
final class ExportCommand implements Callable<Integer> {

  @Spec private CommandSpec spec;
  @Mixin private DataOptions data;
  @Mixin private PluginOptions plugins;

  /** For whom it is. */
  private enum Taker {
    CONTEST,
    SENTENCE_TRANSFORMERS;

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
  }

  @Option(
      names = "--as",
      paramLabel = "contest|sentence-transformers",
      defaultValue = "contest",
      description =
          "Who takes it: the contest, or sentence-transformers, behind --encoder (${DEFAULT-VALUE}).")
  private Taker taker;

  @Option(
      names = "--model",
      paramLabel = "MODEL_DIR|SPEC",
      required = true,
      description =
          "A trained model's folder, a pooler without weights, or a TorchScript file .pt.")
  private String model;

  @Option(
      names = "--out",
      paramLabel = "NAME.zip|DIR",
      required = true,
      description =
          "The zip; NAME becomes the name of the Python module. For sentence-transformers, a new"
              + " folder.")
  private Path out;

  @Option(
      names = "--dtype",
      paramLabel = "float32|float16",
      defaultValue = "float32",
      description = "How weights are stored; float16 halves the file (${DEFAULT-VALUE}).")
  private TensorType type;

  @Override
  public Integer call() throws IOException {
    if (taker == Taker.SENTENCE_TRANSFORMERS) {
      return exportBehindEncoder();
    }
    AtomicFile.check(out);
    PluginCatalog catalog = data.poolers(plugins.catalog());
    PoolerSpec named = PoolerSpec.parse(model);
    Poolmark.host(spec).trying(named.text(), catalog.origin(named), true);
    SpecifiedPooler pooler = catalog.create(named, data.dim());
    SubmissionRequest request = new SubmissionRequest(pooler, data.dim(), type, out);
    try (TokenStore store = data.open()) {
      print(Submission.write(request, store));
    }
    return ExitCode.DONE;
  }

  private int exportBehindEncoder() throws IOException {
    ModelFolder encoder = data.encoder().orElseThrow(() -> usage("--encoder with it", "none"));
    if (type != TensorType.FLOAT32) {
      throw usage("--dtype float32 with it", type.key());
    }
    PluginCatalog catalog = data.poolers(plugins.catalog());
    SpecifiedPooler pooler = catalog.create(PoolerSpec.parse(model), encoder.dim());
    SentenceTransformersFolder folder = SentenceTransformersFolder.write(pooler, encoder, out);
    PrintWriter stdout = spec.commandLine().getOut();
    stdout.printf(
        Locale.ROOT,
        "%s: %s behind %s, %,d bytes of weights; SentenceTransformer(\"%s\", trust_remote_code=True)"
            + " loads it%n",
        folder.folder(),
        pooler.name(),
        encoder.name(),
        folder.weightsBytes(),
        folder.folder());
    stdout.flush();
    return ExitCode.DONE;
  }

  private ParameterException usage(String expected, String found) {
    return new ParameterException(
        spec.commandLine(),
        String.format(
            Locale.ROOT, "--as sentence-transformers: expected %s, found %s", expected, found));
  }

  private void print(Submission submission) {
    PrintWriter stdout = spec.commandLine().getOut();
    stdout.printf(
        Locale.ROOT, "%s: %,d bytes of weights%n", submission.zip(), submission.weightsBytes());
    submission
        .rounding()
        .ifPresent(
            rounding ->
                stdout.printf(
                    Locale.ROOT,
                    "%s: cosine Spearman %.4f, with float32 %.4f%n",
                    type.key(),
                    rounding.rounded(),
                    rounding.exact()));
    if (submission.verification().isPresent()) {
      Verification verification = submission.verification().get();
      stdout.printf(
          Locale.ROOT,
          "verified with Python %s, torch %s: %d sentences, largest difference %.2e, relative %.2e%n",
          verification.python(),
          verification.torch(),
          verification.sentences(),
          verification.largestDifference(),
          verification.relativeDifference());
    } else {
      stdout.println("not verified: found no Python with torch (POOLMARK_PYTHON or python3)");
    }
    stdout.flush();
  }
}
