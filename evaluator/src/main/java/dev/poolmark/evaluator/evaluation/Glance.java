package dev.poolmark.evaluator.evaluation;

import dev.poolmark.evaluator.contest.Contest;
import dev.poolmark.evaluator.dataset.TokenStore;
import dev.poolmark.evaluator.plugin.PluginCatalog;
import dev.poolmark.evaluator.plugin.SpecifiedPooler;
import dev.poolmark.evaluator.score.Measured;
import dev.poolmark.evaluator.score.Measured.Timed;
import dev.poolmark.evaluator.score.ScoreFormula;
import dev.poolmark.evaluator.score.Setting;
import dev.poolmark.evaluator.torch.TorchEngine;
import java.util.LinkedHashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * A pooler's time and size before anybody trains it: a few passes over some pairs, each beside one
 * of the reference. What its weights hold changes neither. The fastest pass of each counts, so that
 * a busy machine does not make a candidate look slow.
 */
public record Glance(double referenceRatio, long parameterBytes, double timePoints) {

  private static final int FEW = 64;
  private static final int SOME = 512;
  private static final int PASSES = 7;

  /** A pooler so far behind the reference is known well enough by one pass over few pairs. */
  private static final double FAR = 4;

  /**
   * Takes it, on the thread that calls.
   *
   * @param formula from the time to points
   * @throws dev.poolmark.evaluator.torch.PoolerFault when the pooler fails
   */
  public static Glance at(
      SpecifiedPooler pooler, PluginCatalog catalog, TokenStore data, ScoreFormula formula) {
    TorchEngine.start(1);
    TorchEngine.prepareThread();
    RunLimit limit = new RunLimit(Optional.empty(), () -> false);
    Setting counting = new Setting(Protocol.FRESH.key(), 64);
    Set<Setting> settings = new LinkedHashSet<>(Set.of(counting));
    settings.addAll(formula.settings());
    Map<Setting, Timed> times = new TreeMap<>();
    TorchBench bench = TorchBench.open(pooler, catalog, data, limit);
    try {
      for (Setting setting : settings) {
        times.put(setting, timed(bench, setting, data));
      }
      Measured measured = new Measured(pooler.spec(), Map.of(), times, counting);
      return new Glance(
          Objects.requireNonNull(measured.times().get(counting)).ratio(),
          bench.facts().parameterBytes(),
          formula.time().mean(measured::points));
    } finally {
      bench.close();
    }
  }

  private static Timed timed(TorchBench bench, Setting setting, TokenStore data) {
    Protocol protocol = Protocol.valueOf(setting.protocol().toUpperCase(Locale.ROOT));
    Condition few = new Condition(protocol, setting.batchSize(), Math.min(FEW, data.rows()));
    bench.warmUp(few);
    PassTimes first = bench.inTurn(few, 1, () -> {});
    if (first.ratios().median() > FAR) {
      return first.fastest();
    }
    Condition some = new Condition(protocol, setting.batchSize(), Math.min(SOME, data.rows()));
    return bench.inTurn(some, PASSES, () -> {}).fastest();
  }

  /** Whether the contest would take it. */
  public boolean withinSizeLimit() {
    return Contest.sizeFinding(parameterBytes).isEmpty();
  }
}
