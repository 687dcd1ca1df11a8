package dev.poolmark.evaluator.evaluation;

import dev.poolmark.evaluator.contest.Contest;
import dev.poolmark.evaluator.evaluation.Bench.Facts;
import dev.poolmark.evaluator.evaluation.EvaluationReport.PoolerInfo;
import dev.poolmark.evaluator.plugin.PoolerSpec;
import dev.poolmark.evaluator.plugin.SpecifiedPooler;
import dev.poolmark.evaluator.submission.SubmissionFiles;
import dev.poolmark.evaluator.torch.PoolerFault;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A pooler, and as much as is known of it when its run ends.
 *
 * @param plugin the jar or file that it comes from; null before it is made
 * @param version null before it is made
 * @param untrained a finding where nobody has chosen its weights
 * @param bytes what the size limit counts, as far as that is known before it is loaded
 * @param facts absent before it is loaded
 */
record Subject(
    String name,
    String spec,
    @Nullable String plugin,
    @Nullable String version,
    Optional<String> untrained,
    Optional<Long> bytes,
    Optional<Facts> facts) {

  static Subject named(PoolerSpec spec, @Nullable String plugin) {
    String name = spec instanceof PoolerSpec.Named named ? named.name() : spec.text();
    return new Subject(
        name, spec.text(), plugin, null, Optional.empty(), Optional.empty(), Optional.empty());
  }

  static Subject made(SpecifiedPooler pooler) {
    return new Subject(
        pooler.name(),
        pooler.spec(),
        pooler.plugin(),
        pooler.version(),
        pooler.untrained(),
        Optional.empty(),
        Optional.empty());
  }

  static Subject submitted(PoolerSpec.SubmissionFile zip) {
    String file = zip.file().getFileName().toString();
    return new Subject(
        file.replaceFirst("\\.zip$", ""),
        zip.text(),
        file,
        "unknown",
        Optional.empty(),
        SubmissionFiles.bytesInside(zip.file()),
        Optional.empty());
  }

  Subject loaded(Facts facts) {
    return new Subject(
        name,
        spec,
        plugin,
        version,
        untrained,
        Optional.of(facts.parameterBytes()),
        Optional.of(facts));
  }

  /**
   * @throws PoolerFault when the contest would not take it
   */
  void checkSize() {
    bytes
        .flatMap(Contest::sizeFinding)
        .ifPresent(
            finding -> {
              throw PoolerFault.ofItsFile(finding, null);
            });
  }

  PoolerInfo info() {
    return new PoolerInfo(
        name,
        spec,
        plugin,
        version,
        facts.map(Facts::outputDim).orElse(null),
        facts.map(Facts::parameters).orElse(null),
        bytes.orElse(null),
        bytes.map(known -> known <= Contest.SIZE_LIMIT).orElse(null));
  }
}
