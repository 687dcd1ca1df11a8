package dev.poolmark.evaluator.evaluation;

import dev.poolmark.evaluator.contest.Contest;
import dev.poolmark.evaluator.evaluation.Bench.Facts;
import dev.poolmark.evaluator.evaluation.EvaluationReport.PoolerInfo;
import dev.poolmark.evaluator.plugin.PoolerSpec;
import dev.poolmark.evaluator.plugin.SpecifiedPooler;
import dev.poolmark.evaluator.torch.PoolerFault;
import java.util.Optional;

/**
 * A pooler, and as much as is known of it when its run ends.
 *
 * @param plugin the jar or file that it comes from; null before it is made
 * @param untrained a finding where nobody has chosen its weights
 * @param facts absent before it is loaded
 */
record Subject(
    String name,
    String spec,
    String plugin,
    String version,
    Optional<String> untrained,
    Optional<Facts> facts) {

  static Subject named(PoolerSpec spec) {
    String name = spec instanceof PoolerSpec.Named named ? named.name() : spec.text();
    return new Subject(name, spec.text(), null, null, Optional.empty(), Optional.empty());
  }

  static Subject made(SpecifiedPooler pooler) {
    return of(pooler, Optional.empty());
  }

  static Subject loaded(SpecifiedPooler pooler, Facts facts) {
    return of(pooler, Optional.of(facts));
  }

  private static Subject of(SpecifiedPooler pooler, Optional<Facts> facts) {
    return new Subject(
        pooler.name(), pooler.spec(), pooler.plugin(), pooler.version(), pooler.untrained(), facts);
  }

  /**
   * @throws PoolerFault when the contest would not take it
   */
  void checkSize() {
    facts
        .flatMap(known -> Contest.sizeFinding(known.parameterBytes()))
        .ifPresent(
            finding -> {
              throw new PoolerFault(finding);
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
        facts.map(Facts::parameterBytes).orElse(null),
        facts.map(known -> known.parameterBytes() <= Contest.SIZE_LIMIT).orElse(null));
  }
}
