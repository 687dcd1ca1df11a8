package dev.poolmark.evaluator.evaluation;

import dev.poolmark.evaluator.batch.PairBatchStream;
import dev.poolmark.evaluator.batch.SentenceBatchStream;
import dev.poolmark.evaluator.contest.Contest;
import dev.poolmark.evaluator.dataset.TokenStore;
import dev.poolmark.evaluator.plugin.BadSpecException;
import dev.poolmark.evaluator.plugin.PluginCatalog;
import dev.poolmark.evaluator.plugin.PoolerSpec;
import dev.poolmark.evaluator.plugin.SpecifiedPooler;
import dev.poolmark.evaluator.torch.CompiledPooler;
import dev.poolmark.evaluator.torch.PoolerFault;
import dev.poolmark.evaluator.torch.TorchEngine;
import io.vertx.core.Context;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * Scores poolers on labelled pairs, one after the other, each against the reference.
 *
 * <p>A pooler that misbehaves costs its own result, with a finding; the others are scored.
 */
public final class Evaluation {

  private static final long SEED = 42;

  private final PluginCatalog catalog;
  private final EvaluationRequest request;
  private final Consumer<Progress> listener;
  private volatile boolean cancelled;

  /**
   * @param listener is told on the scoring thread, and must not wait
   */
  public Evaluation(PluginCatalog catalog, EvaluationRequest request, Consumer<Progress> listener) {
    this.catalog = catalog;
    this.request = request;
    this.listener = listener;
  }

  /**
   * Evaluates every pooler of the request, in its order.
   *
   * @throws BadSpecException when a spec names no pooler, before any is scored
   * @throws CancellationException when it was cancelled
   */
  public List<EvaluationResult> run() {
    request.poolers().forEach(spec -> catalog.check(spec, request.data().dim()));
    catalog.check(PoolerSpec.parse(Contest.REFERENCE), request.data().dim());
    TorchEngine.start(1);
    List<EvaluationResult> results = new ArrayList<>();
    try (ScoringThread thread = new ScoringThread(request.core())) {
      for (PoolerSpec spec : request.poolers()) {
        EvaluationResult result = evaluate(spec, thread);
        results.add(result);
        listener.accept(new Progress.Done(spec.text(), result.report()));
      }
    }
    return results;
  }

  /** Ends the run between two batches. */
  public void cancel() {
    cancelled = true;
  }

  private EvaluationResult evaluate(PoolerSpec spec, ScoringThread thread) {
    Reporter reporter = new Reporter(request, spec);
    RunLimit limit = new RunLimit(request.timeout(), () -> cancelled);
    try {
      Measurement measurement =
          thread.run(request.timeout(), context -> measure(spec, context, limit, reporter));
      return reporter.scored(measurement);
    } catch (PoolerFault | BadSpecException fault) {
      return reporter.faulted(fault.getMessage());
    }
  }

  private Future<Measurement> measure(
      PoolerSpec spec, Context context, RunLimit limit, Reporter reporter) {
    SpecifiedPooler subject = catalog.create(spec, request.data().dim());
    reporter.made(subject);
    return with(
        compile(subject),
        pooler -> {
          reporter.compiled(pooler);
          checkSize(pooler);
          return with(
              compile(catalog.create(PoolerSpec.parse(Contest.REFERENCE), request.data().dim())),
              reference -> measure(spec, new Stopwatch(pooler, reference), context, limit));
        });
  }

  /** All pairs in the order of the files, then all sentences by their length. */
  private Future<Measurement> measure(
      PoolerSpec spec, Stopwatch stopwatch, Context context, RunLimit limit) {
    TokenStore data = request.data();
    PairLoop pairs = new PairLoop(spec.text(), data.labels(), stopwatch, limit, listener);
    LengthLoop lengths = new LengthLoop(stopwatch, limit);
    PairBatchStream allPairs = new PairBatchStream(context, data, request.batchSize());
    SentenceBatchStream byLength = new SentenceBatchStream(context, data, request.batchSize());
    return allPairs
        .pipeTo(pairs)
        .eventually(allPairs::cancel)
        .compose(scored -> byLength.pipeTo(lengths).eventually(byLength::cancel))
        .map(
            timed ->
                new Measurement(
                    stopwatch.outputDim(),
                    pairs.scores(),
                    pairs.poolerNanos(),
                    pairs.referenceNanos(),
                    lengths.buckets()));
  }

  private static Future<Measurement> with(
      CompiledPooler pooler, Function<CompiledPooler, Future<Measurement>> work) {
    return Future.succeededFuture(pooler)
        .compose(work)
        .eventually(
            () -> {
              pooler.close();
              return Future.succeededFuture();
            });
  }

  private CompiledPooler compile(SpecifiedPooler specified) {
    return CompiledPooler.of(specified.pooler(), request.data().dim(), SEED);
  }

  private static void checkSize(CompiledPooler pooler) {
    Contest.sizeFinding(pooler.parameterBytes())
        .ifPresent(
            finding -> {
              throw new PoolerFault(finding);
            });
  }
}
