package dev.poolmark.evaluator.evaluation;

import dev.poolmark.evaluator.contest.Contest;
import dev.poolmark.evaluator.dataset.TokenStore;
import dev.poolmark.evaluator.evaluation.EvaluationReport.DatasetInfo;
import dev.poolmark.evaluator.evaluation.EvaluationReport.Formula;
import dev.poolmark.evaluator.evaluation.EvaluationReport.ProtocolTime;
import dev.poolmark.evaluator.evaluation.EvaluationReport.Quality;
import dev.poolmark.evaluator.evaluation.EvaluationReport.Time;
import dev.poolmark.evaluator.evaluation.EvaluationReport.Total;
import dev.poolmark.evaluator.metric.Interval;
import dev.poolmark.evaluator.metric.Metric;
import dev.poolmark.evaluator.metric.PairScores;
import dev.poolmark.evaluator.metric.Replicates;
import dev.poolmark.evaluator.score.Mixture;
import dev.poolmark.evaluator.score.QualityFormula;
import dev.poolmark.evaluator.score.ScoreFormula;
import dev.poolmark.evaluator.score.TimeFormula;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** How a result follows from what was asked, what is known of the pooler and what was measured. */
final class Result {

  private Result() {}

  static EvaluationResult faulted(EvaluationRequest request, Subject subject, Exception fault) {
    List<String> findings = List.of(fault.getMessage());
    EvaluationReport report = report(request, subject, null, null, null, false, findings);
    return new EvaluationResult(report, Optional.empty());
  }

  static EvaluationResult scored(EvaluationRequest request, Subject subject, Measurement measured) {
    ScoreFormula formula = request.formula();
    PairScores pairs = measured.pairs();
    Metric metric = formula.quality().likeliest().metric();
    Quality quality = quality(formula.quality(), pairs);
    Time time = time(formula.time(), measured);
    EvaluationReport report =
        report(
            request,
            subject,
            quality,
            time,
            new Total(quality.score() + time.score(), totalInterval(formula, subject, measured)),
            true,
            Stream.concat(pairs.whyUndefined(metric).stream(), subject.untrained().stream())
                .toList());
    return new EvaluationResult(report, Optional.of(measured));
  }

  private static EvaluationReport report(
      EvaluationRequest request,
      Subject subject,
      @Nullable Quality quality,
      @Nullable Time time,
      @Nullable Total total,
      boolean eligible,
      List<String> findings) {
    TokenStore data = request.data();
    return new EvaluationReport(
        subject.info(),
        new DatasetInfo(
            data.name(), data.rows(), 2L * data.rows(), data.tokens(), data.dim(), data.sha256()),
        quality,
        time,
        total,
        eligible,
        findings,
        new Formula(request.formula().quality().describe(), request.formula().time().describe()),
        Machine.environment(request, subject.facts()));
  }

  static Quality quality(Mixture<QualityFormula> formula, PairScores pairs) {
    Metric metric = formula.likeliest().metric();
    Replicates points = Replicated.quality(formula, pairs);
    return new Quality(
        formula.mean(member -> member.points(pairs.correlation(member.metric()))),
        metric.key(),
        orNull(points.interval95()),
        orNull(pairs.correlation(Metric.COSINE_PEARSON)),
        orNull(pairs.correlation(Metric.COSINE_SPEARMAN)),
        orNull(pairs.correlation(Metric.DOT_PEARSON)),
        orNull(pairs.correlation(Metric.DOT_SPEARMAN)),
        orNull(pairs.correlation(Metric.EUCLIDEAN_PEARSON)),
        orNull(pairs.correlation(Metric.EUCLIDEAN_SPEARMAN)),
        orNull(pairs.correlation(Metric.MANHATTAN_PEARSON)),
        orNull(pairs.correlation(Metric.MANHATTAN_SPEARMAN)));
  }

  static Time time(Mixture<TimeFormula> formula, Measurement measured) {
    PassTimes times = measured.times();
    double ratio = times.ratios().median();
    return new Time(
        formula.mean(member -> measured.times(member).points(member)),
        times.usPerSentence() * 2 * times.condition().pairs() / 1e6,
        times.usPerSentence(),
        Contest.REFERENCE,
        ratio,
        orNull(times.ratios().interval95()),
        measured.engine().key(),
        times.condition().protocol().key(),
        times.poolerNanos().length,
        measured.protocols().stream().map(other -> protocolTime(formula, other)).toList(),
        measured.byLength());
  }

  private static ProtocolTime protocolTime(Mixture<TimeFormula> formula, PassTimes times) {
    double ratio = times.ratios().median();
    return new ProtocolTime(
        times.condition().protocol().key(),
        times.condition().batchSize(),
        times.usPerSentence(),
        ratio,
        orNull(times.ratios().interval95()),
        formula.mean(times::points));
  }

  private static double @Nullable [] totalInterval(
      ScoreFormula formula, Subject subject, Measurement measured) {
    Replicates quality = Replicated.quality(formula.quality(), measured.pairs());
    Replicates time = Replicated.anotherTime(formula.time(), subject.spec(), measured);
    return orNull(quality.plus(time).interval95());
  }

  private static double @Nullable [] orNull(Optional<Interval> interval) {
    return interval.map(Interval::toArray).orElse(null);
  }

  private static @Nullable Double orNull(OptionalDouble value) {
    return value.isPresent() ? value.getAsDouble() : null;
  }
}
