package dev.poolmark.evaluator.cli;

import dev.poolmark.evaluator.dataset.TokenStore;
import dev.poolmark.evaluator.files.AtomicFile;
import dev.poolmark.evaluator.plugin.PluginCatalog;
import dev.poolmark.evaluator.plugin.PoolerSpec;
import dev.poolmark.evaluator.plugin.SpecifiedPooler;
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
import picocli.CommandLine.Spec;

/** Packs a pooler for the grader. */
@Command(
    name = "export",
    mixinStandardHelpOptions = true,
    description =
        "Pack a pooler as the zip that the contest's grader takes, and check it in a real Python"
            + " (POOLMARK_PYTHON or python3) on the data.")
final class ExportCommand implements Callable<Integer> {

  @Spec private CommandSpec spec;
  @Mixin private DataOptions data;
  @Mixin private PluginOptions plugins;

  @Option(
      names = "--model",
      paramLabel = "MODEL_DIR|SPEC",
      required = true,
      description =
          "A trained model's folder, a pooler without weights, or a TorchScript file .pt.")
  private String model;

  @Option(
      names = "--out",
      paramLabel = "NAME.zip",
      required = true,
      description = "The zip; NAME becomes the name of the Python module.")
  private Path out;

  @Option(
      names = "--dtype",
      paramLabel = "float32|float16",
      defaultValue = "float32",
      description = "How weights are stored; float16 halves the file (${DEFAULT-VALUE}).")
  private TensorType type;

  @Override
  public Integer call() throws IOException {
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
