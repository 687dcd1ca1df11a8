package dev.poolmark.evaluator.evaluation;

import dev.poolmark.evaluator.contest.Contest;
import dev.poolmark.evaluator.dataset.TokenStore;
import dev.poolmark.evaluator.evaluation.EvaluationReport.DatasetInfo;
import dev.poolmark.evaluator.evaluation.EvaluationReport.Formula;
import dev.poolmark.evaluator.evaluation.EvaluationReport.PoolerInfo;
import dev.poolmark.evaluator.evaluation.EvaluationReport.Quality;
import dev.poolmark.evaluator.evaluation.EvaluationReport.Time;
import dev.poolmark.evaluator.evaluation.EvaluationReport.Total;
import dev.poolmark.evaluator.metric.Bootstrap;
import dev.poolmark.evaluator.metric.Interval;
import dev.poolmark.evaluator.metric.Metric;
import dev.poolmark.evaluator.metric.PairScores;
import dev.poolmark.evaluator.metric.Replicates;
import dev.poolmark.evaluator.plugin.PoolerSpec;
import dev.poolmark.evaluator.plugin.SpecifiedPooler;
import dev.poolmark.evaluator.score.ScoreFormula;
import dev.poolmark.evaluator.torch.CompiledPooler;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.stream.Stream;

/** Makes the report of one pooler, of as much as is known of it when its run ends. */
final class Reporter {

  private final EvaluationRequest request;
  private final PoolerSpec spec;
  // Known on the scoring thread first, and read from another when that one hangs.
  private volatile SpecifiedPooler specified;
  private volatile Size size;

  private record Size(OptionalInt outputDim, long parameters, long bytes) {}

  Reporter(EvaluationRequest request, PoolerSpec spec) {
    this.request = request;
    this.spec = spec;
  }

  void made(SpecifiedPooler pooler) {
    specified = pooler;
  }

  void compiled(CompiledPooler pooler) {
    size = new Size(pooler.outputDim(), pooler.parameterCount(), pooler.parameterBytes());
  }

  EvaluationResult faulted(String finding) {
    List<String> findings = List.of(finding);
    EvaluationReport report =
        report(pooler(OptionalInt.empty()), null, null, null, false, findings);
    return new EvaluationResult(report, Optional.empty());
  }

  EvaluationResult scored(Measurement measured) {
    PairScores pairs = measured.pairs();
    ScoreFormula formula = request.formula();
    Metric metric = formula.quality().metric();
    Bootstrap bootstrap = Bootstrap.ofPairs(pairs.size());

    double ratio = sum(measured.poolerNanos()) / sum(measured.referenceNanos());
    Replicates ratios = bootstrap.ratio(measured.poolerNanos(), measured.referenceNanos());
    Replicates qualityPoints = bootstrap.correlation(metric, pairs).map(formula.quality()::points);
    Replicates timePoints = ratios.map(formula.time()::points);

    double quality = formula.quality().points(pairs.correlation(metric));
    double time = formula.time().points(ratio);
    EvaluationReport report =
        report(
            pooler(OptionalInt.of(measured.outputDim())),
            quality(quality, metric, interval(qualityPoints), pairs),
            time(time, ratio, interval(ratios), measured),
            new Total(quality + time, interval(qualityPoints.plus(timePoints))),
            true,
            Stream.concat(pairs.whyUndefined(metric).stream(), specified.untrained().stream())
                .toList());
    return new EvaluationResult(report, Optional.of(measured));
  }

  private EvaluationReport report(
      PoolerInfo pooler,
      Quality quality,
      Time time,
      Total total,
      boolean eligible,
      List<String> findings) {
    TokenStore data = request.data();
    return new EvaluationReport(
        pooler,
        new DatasetInfo(
            data.name(), data.rows(), 2L * data.rows(), data.tokens(), data.dim(), data.sha256()),
        quality,
        time,
        total,
        eligible,
        findings,
        new Formula(request.formula().quality().describe(), request.formula().time().describe()),
        Machine.environment(request.batchSize()));
  }

  private PoolerInfo pooler(OptionalInt measuredDim) {
    SpecifiedPooler known = specified;
    Size measured = size;
    String name = spec instanceof PoolerSpec.Named named ? named.name() : spec.text();
    OptionalInt dim =
        measuredDim.isPresent() || measured == null ? measuredDim : measured.outputDim;
    return new PoolerInfo(
        known == null ? name : known.name(),
        spec.text(),
        known == null ? null : known.plugin(),
        known == null ? null : known.version(),
        dim.isPresent() ? dim.getAsInt() : null,
        measured == null ? null : measured.parameters,
        measured == null ? null : measured.bytes,
        measured == null ? null : measured.bytes <= Contest.SIZE_LIMIT);
  }

  private static Quality quality(double score, Metric metric, double[] ci95, PairScores pairs) {
    return new Quality(
        score,
        metric.key(),
        ci95,
        orNull(pairs.correlation(Metric.COSINE_PEARSON)),
        orNull(pairs.correlation(Metric.COSINE_SPEARMAN)),
        orNull(pairs.correlation(Metric.DOT_PEARSON)),
        orNull(pairs.correlation(Metric.DOT_SPEARMAN)),
        orNull(pairs.correlation(Metric.EUCLIDEAN_PEARSON)),
        orNull(pairs.correlation(Metric.EUCLIDEAN_SPEARMAN)),
        orNull(pairs.correlation(Metric.MANHATTAN_PEARSON)),
        orNull(pairs.correlation(Metric.MANHATTAN_SPEARMAN)));
  }

  private static Time time(double score, double ratio, double[] ratioCi95, Measurement measured) {
    double seconds = sum(measured.poolerNanos()) / 1e9;
    return new Time(
        score,
        seconds,
        seconds * 1e6 / (2 * measured.pairs().size()),
        Contest.REFERENCE,
        ratio,
        ratioCi95,
        measured.byLength());
  }

  /** Null where too few resamples define the figure. */
  private static double[] interval(Replicates replicates) {
    return replicates.interval95().map(Interval::toArray).orElse(null);
  }

  private static Double orNull(OptionalDouble value) {
    return value.isPresent() ? value.getAsDouble() : null;
  }

  private static double sum(double[] values) {
    return Arrays.stream(values).sum();
  }
}
