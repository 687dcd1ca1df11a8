package dev.poolmark.evaluator.submission;

import dev.poolmark.api.PoolerOption;
import dev.poolmark.api.TorchPooler;
import dev.poolmark.evaluator.contest.OverSizeLimitException;
import dev.poolmark.evaluator.dataset.TokenStore;
import dev.poolmark.evaluator.files.TemporaryFolder;
import dev.poolmark.evaluator.plugin.BadSpecException;
import dev.poolmark.evaluator.plugin.BrokenPlugin;
import dev.poolmark.evaluator.plugin.InstalledPooler;
import dev.poolmark.evaluator.plugin.PluginCatalog;
import dev.poolmark.evaluator.plugin.PoolerSpec;
import dev.poolmark.evaluator.plugin.SpecifiedPooler;
import dev.poolmark.evaluator.plugin.TrainedModel;
import dev.poolmark.evaluator.submission.CheckReport.Check;
import dev.poolmark.evaluator.torch.InitialWeights;
import dev.poolmark.evaluator.torch.PoolerFault;
import dev.poolmark.evaluator.torch.TensorType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * Checks poolers that run in Java by what they are as submissions: each is exported, compared with
 * itself in Python, and its zip is checked. Weights that are not trained are their initial ones.
 */
public final class PoolerCheck {

  private static final long SEED = 42;
  private static final String PLUGIN = "plugin";
  private static final String OPTIONS = "options";
  private static final String EXPORT = "export";

  private final TokenStore data;
  private final SubmissionCheck submissions;

  /**
   * @param data what exports are compared on
   */
  public PoolerCheck(TokenStore data, SubmissionCheck submissions) {
    this.data = data;
    this.submissions = submissions;
  }

  /** Checks a plugin's jar, and each pooler in it. */
  public List<CheckReport> ofPlugin(Path jar) throws IOException {
    List<CheckReport> reports = new ArrayList<>();
    try (TemporaryFolder work = new TemporaryFolder()) {
      Files.copy(jar, work.resolve(jar.getFileName().toString()));
      PluginCatalog catalog = PluginCatalog.of(List.of(work.path()));
      List<Check> checks = new ArrayList<>();
      checks.add(loaded(catalog));
      catalog.poolers().forEach(pooler -> checks.add(options(pooler, catalog)));
      reports.add(new CheckReport(jar.getFileName().toString(), checks));
      for (InstalledPooler pooler : catalog.poolers()) {
        reports.add(of(PoolerSpec.parse(pooler.name()), catalog));
      }
    }
    return reports;
  }

  private static Check loaded(PluginCatalog catalog) {
    if (!catalog.broken().isEmpty()) {
      return new Check(
          PLUGIN,
          false,
          catalog.broken().stream().map(BrokenPlugin::toString).collect(Collectors.joining("; ")));
    }
    return catalog.poolers().isEmpty()
        ? new Check(PLUGIN, false, "expected a pooler, found none")
        : new Check(
            PLUGIN,
            true,
            catalog.poolers().stream()
                .map(InstalledPooler::name)
                .collect(Collectors.joining(", ")));
  }

  /** Takes its options' defaults as a spec writes them, and refuses one that it does not have. */
  private Check options(InstalledPooler pooler, PluginCatalog catalog) {
    String name = OPTIONS + " of " + pooler.name();
    try {
      List<String> defaults = new ArrayList<>();
      for (PoolerOption option : pooler.options()) {
        String value = String.valueOf(option.defaultValue());
        if (!value.isEmpty() && !value.contains(",")) {
          defaults.add(option.name() + "=" + value);
        }
      }
      String spec = pooler.name() + (defaults.isEmpty() ? "" : ":" + String.join(",", defaults));
      catalog.create(PoolerSpec.parse(spec), data.dim());
      String found = defaults.isEmpty() ? "none" : String.join(", ", defaults);
      return refusesOthers(pooler, catalog)
          ? new Check(name, true, found)
          : new Check(name, false, "expected an unknown option to be refused, found it taken");
    } catch (BadSpecException | PoolerFault e) {
      return new Check(name, false, String.valueOf(e.getMessage()));
    }
  }

  private boolean refusesOthers(InstalledPooler pooler, PluginCatalog catalog) {
    try {
      catalog.create(PoolerSpec.parse(pooler.name() + ":no_such_option=1"), data.dim());
      return false;
    } catch (BadSpecException e) {
      return true;
    }
  }

  /**
   * Checks a pooler.
   *
   * @throws BadSpecException when the spec names none
   */
  public CheckReport of(PoolerSpec spec, PluginCatalog catalog) throws IOException {
    catalog.check(spec, data.dim());
    List<Check> checks = new ArrayList<>();
    try (TemporaryFolder work = new TemporaryFolder()) {
      Path zip = work.resolve("pooler.zip");
      SpecifiedPooler pooler = weighted(catalog.create(spec, data.dim()));
      Submission submission =
          Submission.write(
              new SubmissionRequest(pooler, data.dim(), TensorType.FLOAT32, zip), data);
      checks.add(new Check(EXPORT, true, asInJava(submission.verification().orElseThrow())));
      checks.addAll(submissions.of(zip).checks());
    } catch (OverSizeLimitException e) {
      checks.add(new Check(SubmissionCheck.SIZE, false, String.valueOf(e.getMessage())));
    } catch (BadSpecException | PoolerFault e) {
      checks.add(new Check(EXPORT, false, String.valueOf(e.getMessage())));
    }
    return new CheckReport(spec.text(), checks);
  }

  private static String asInJava(Verification verification) {
    return String.format(
        Locale.ROOT,
        "as in Java, within %.1g on %d sentences",
        verification.relativeDifference(),
        verification.sentences());
  }

  private static SpecifiedPooler weighted(SpecifiedPooler pooler) {
    return pooler.pooler() instanceof TorchPooler lines
        ? new SpecifiedPooler(
            pooler.name(),
            pooler.spec(),
            pooler.plugin(),
            pooler.version(),
            TrainedModel.withWeights(lines, InitialWeights.of(lines, SEED)))
        : pooler;
  }
}
