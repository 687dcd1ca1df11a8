package dev.poolmark.server.text;

import dev.poolmark.evaluator.worker.WorkerEvent;
import dev.poolmark.evaluator.worker.WorkerRequest;
import dev.poolmark.server.lane.Lane;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * Encodes the texts of all requests in one child process, a batch at a time: while one is on its
 * way, the next collects. Requests take turns text by text, so that a small one never waits for all
 * of a large one. Everything here happens on the context that made the lane.
 */
public final class Encoder {

  /** For a batch, and the loading of the model before the first. */
  private static final Duration LIMIT = Duration.ofSeconds(120);

  /** Characters of all requests that are under way. */
  private static final long MAX_SIZE = 64 << 20;

  private final Lane lane;
  private final TextOptions options;
  private final Deque<TextJob> waiting = new ArrayDeque<>();
  private final Counter tokens;
  private final DistributionSummary batchTexts;
  private final DistributionSummary batchTokens;
  private final Promise<Void> idle = Promise.promise();
  private int open;
  private long size;
  private boolean busy;
  private boolean draining;

  /**
   * @param lane the child process, which nobody else uses
   */
  public Encoder(Lane lane, TextOptions options, MeterRegistry metrics) {
    this.lane = lane;
    this.options = options;
    this.tokens = metrics.counter("poolmark.text.tokens");
    this.batchTexts = metrics.summary("poolmark.text.batch.texts");
    this.batchTokens = metrics.summary("poolmark.text.batch.tokens");
    Gauge.builder("poolmark.text.requests.open", this, encoder -> encoder.open).register(metrics);
    Gauge.builder("poolmark.text.waiting", this, Encoder::waitingTexts).register(metrics);
    FunctionCounter.builder("poolmark.lanes.replaced", lane, Lane::restarts)
        .tag("lane", "text")
        .register(metrics);
  }

  public TextOptions options() {
    return options;
  }

  /** Loads the model ahead of its first text. */
  public Future<Void> warm() {
    return run(new WorkerRequest.Load(model())).onComplete(ended -> next()).mapEmpty();
  }

  /**
   * Takes a place for a request.
   *
   * @param over completes when the request has its answer, or nobody waits for it any more
   * @return whether there was a place
   */
  public boolean admit(Future<Void> over) {
    if (open >= options.maxConcurrentRequests() || size > MAX_SIZE) {
      return false;
    }
    open++;
    over.onComplete(
        unused -> {
          open--;
          completeDrain();
        });
    return true;
  }

  public boolean draining() {
    return draining;
  }

  /**
   * Encodes the texts of a request that has its place.
   *
   * @param over completes with the request: what of it has not begun then is dropped
   * @return one a text, in their order; fails with a {@link RefusedTextException} where a text is
   *     not the model's, and with an {@link EncoderFault} where its batch failed
   */
  public Future<List<EncodedText>> encode(List<TextInput> texts, Future<Void> over) {
    TextJob job = new TextJob(texts, options.model().maxTokens());
    long jobSize = texts.stream().mapToLong(TextInput::size).sum();
    size += jobSize;
    waiting.add(job);
    job.end().onComplete(ended -> waiting.remove(job));
    over.onComplete(
        unused -> {
          job.fail(new RefusedTextException("nobody waits for it"));
          size -= jobSize;
        });
    next();
    return job.end();
  }

  private void next() {
    List<TextJob.Piece> batch = busy ? List.of() : batch();
    if (batch.isEmpty()) {
      return;
    }
    List<WorkerRequest.Text> texts =
        batch.stream().map(piece -> piece.input().forWorker()).toList();
    run(new WorkerRequest.Embed(model(), texts))
        .onSuccess(answer -> hand(batch, (WorkerEvent.Embedded) answer))
        .onFailure(fault -> batch.forEach(p -> p.job().fail(new EncoderFault(fault.getMessage()))))
        .onComplete(ended -> next());
  }

  /** A text of each request in turn, until there are tokens enough. */
  private List<TextJob.Piece> batch() {
    List<TextJob.Piece> batch = new ArrayList<>();
    int sum = 0;
    while (!waiting.isEmpty()
        && (batch.isEmpty() || sum + waiting.peek().nextTokens() <= options.maxBatchTokens())) {
      TextJob job = waiting.poll();
      sum += job.nextTokens();
      batch.add(job.take());
      if (job.waiting() > 0) {
        waiting.add(job);
      }
    }
    return batch;
  }

  private WorkerRequest.Model model() {
    return new WorkerRequest.Model(options.encoder().orElse(null), options.pooler().orElse(null));
  }

  private Future<WorkerEvent.Last> run(WorkerRequest.Job question) {
    busy = true;
    return Future.succeededFuture()
        .compose(unused -> lane.run(question, LIMIT, event -> {})) // which may fail to start
        .compose(
            answer ->
                answer instanceof WorkerEvent.Failed failed
                    ? Future.failedFuture(failed.error())
                    : Future.succeededFuture(answer))
        .onComplete(ended -> busy = false);
  }

  private void hand(List<TextJob.Piece> batch, WorkerEvent.Embedded answer) {
    int sum = 0;
    for (int i = 0; i < batch.size(); i++) {
      TextJob.Piece piece = batch.get(i);
      WorkerEvent.Text text = answer.texts().get(i);
      if (text.error() != null) {
        piece.job().fail(new RefusedTextException(text.error()));
        continue;
      }
      sum += text.tokens();
      piece.finish(
          new EncodedText(
              text.tokens(),
              text.values(),
              piece.queueSeconds(),
              answer.tokenizationSeconds(),
              answer.inferenceSeconds()));
    }
    tokens.increment(sum);
    batchTokens.record(sum);
    batchTexts.record(batch.size());
  }

  private int waitingTexts() {
    return waiting.stream().mapToInt(TextJob::waiting).sum();
  }

  /** Takes no more requests; completes when those under way have their answers. */
  public Future<Void> drain() {
    draining = true;
    completeDrain();
    return idle.future();
  }

  private void completeDrain() {
    if (draining && open == 0) {
      idle.tryComplete();
    }
  }

  public void close() {
    lane.close();
  }
}
