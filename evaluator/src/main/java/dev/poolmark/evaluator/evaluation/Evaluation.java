package dev.poolmark.evaluator.evaluation;

import dev.poolmark.evaluator.contest.Contest;
import dev.poolmark.evaluator.plugin.BadSpecException;
import dev.poolmark.evaluator.plugin.PluginCatalog;
import dev.poolmark.evaluator.plugin.PluginThreads;
import dev.poolmark.evaluator.plugin.PoolerSpec;
import dev.poolmark.evaluator.plugin.SpecifiedPooler;
import dev.poolmark.evaluator.submission.Python;
import dev.poolmark.evaluator.torch.PoolerFault;
import dev.poolmark.evaluator.torch.TorchEngine;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Scores poolers on labelled pairs, one after the other, each against the reference.
 *
 * <p>A pooler that misbehaves costs its own result, with a finding; the others are scored.
 */
public final class Evaluation {

  private final PluginCatalog catalog;
  private final EvaluationRequest request;
  private final Consumer<Progress> listener;
  private volatile boolean cancelled;
  private boolean harmed;

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
   * @throws BadSpecException when a spec names no pooler, or there is no Python for those that need
   *     one, before any is scored
   * @throws CancellationException when it was cancelled
   */
  public List<EvaluationResult> run() {
    request.poolers().forEach(spec -> catalog.check(spec, request.data().dim()));
    catalog.check(PoolerSpec.parse(Contest.REFERENCE), request.data().dim());
    Optional<Python> python = python();
    TorchEngine.start(1);
    List<EvaluationResult> results = new ArrayList<>();
    for (PoolerSpec spec : request.poolers()) {
      EvaluationResult result = evaluate(spec, python);
      harmed |= PluginThreads.anyAtWork();
      results.add(result);
      listener.accept(new Progress.Done(spec.text(), result.report()));
    }
    return results;
  }

  /** The result of a pooler whose run ended with its process. */
  public EvaluationResult lost(PoolerSpec spec, String finding) {
    return Result.faulted(
        request, Subject.named(spec, catalog.origin(spec)), new PoolerFault(finding));
  }

  /** Whether a pooler's code has failed or goes on, and so may do harm to this process. */
  public boolean harmed() {
    return harmed;
  }

  /** Ends the run between two batches. */
  public void cancel() {
    cancelled = true;
  }

  /** The Python that some pooler runs in; absent where all run in Java. */
  private Optional<Python> python() {
    return request.timing().engine() == Engine.PYTHON
            || request.poolers().stream().anyMatch(PoolerSpec.SubmissionFile.class::isInstance)
        ? Optional.of(Python.needed())
        : Optional.empty();
  }

  private EvaluationResult evaluate(PoolerSpec spec, Optional<Python> python) {
    RunLimit limit = new RunLimit(request.timeout(), () -> cancelled);
    try (ScoringThread thread = new ScoringThread(request.core(), limit)) {
      if (spec instanceof PoolerSpec.SubmissionFile zip) {
        return evaluate(
            Subject.submitted(zip),
            () -> PythonBench.open(zip, python.orElseThrow(), catalog, request, limit),
            thread,
            limit);
      }
      SpecifiedPooler pooler = thread.run(() -> catalog.create(spec, request.data().dim()));
      return evaluate(Subject.made(pooler), () -> bench(pooler, python, limit), thread, limit);
    } catch (PoolerFault fault) {
      return faulted(Subject.named(spec, null), fault);
    } catch (BadSpecException fault) {
      return Result.faulted(request, Subject.named(spec, null), fault);
    }
  }

  private EvaluationResult faulted(Subject subject, PoolerFault fault) {
    harmed |= fault.ofItsCode();
    return Result.faulted(request, subject, fault);
  }

  private Bench bench(SpecifiedPooler pooler, Optional<Python> python, RunLimit limit) {
    return request.timing().engine() == Engine.PYTHON
        ? PythonBench.open(pooler, python.orElseThrow(), catalog, request, limit)
        : TorchBench.open(pooler, catalog, request.data(), limit);
  }

  private EvaluationResult evaluate(
      Subject subject, Supplier<Bench> opening, ScoringThread thread, RunLimit limit) {
    try {
      subject.checkSize();
      Bench bench = thread.open(opening);
      return evaluate(subject.loaded(bench.facts()), bench, thread, limit);
    } catch (PoolerFault fault) {
      return faulted(subject, fault);
    }
  }

  private EvaluationResult evaluate(
      Subject subject, Bench bench, ScoringThread thread, RunLimit limit) {
    try {
      subject.checkSize();
      Measuring measuring = new Measuring(request, subject.spec(), bench, limit, listener);
      return Result.scored(request, subject, thread.run(measuring::measure));
    } catch (PoolerFault fault) {
      return faulted(subject, fault);
    }
  }
}
