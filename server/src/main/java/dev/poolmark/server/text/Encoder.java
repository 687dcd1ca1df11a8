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
import java.util.Objects;

/**
 * Encodes the texts of all requests in one child process, a batch at a time: while one is on its
 * way, the next collects. Requests take turns text by text, so that a small one never waits for all
 * of a large one. Everything here happens on the context that made the lane.
 */
public final class Encoder {

  /** For a batch, and the loading of the model before the first. */
  private static final Duration LIMIT = Duration.ofSeconds(120);

  private final Lane lane;
  private final EncoderOptions options;
  private final Deque<RequestTexts> waiting = new ArrayDeque<>();
  private final Counter tokens;
  private final DistributionSummary batchTexts;
  private final DistributionSummary batchTokens;
  private final HeldBytes held = new HeldBytes(Runtime.getRuntime().maxMemory() / 4);
  private final Promise<Void> idle = Promise.promise();
  private int open;
  private boolean busy;
  private boolean draining;

  /**
   * @param lane the child process, which nobody else uses
   */
  public Encoder(Lane lane, EncoderOptions options, MeterRegistry metrics) {
    this.lane = lane;
    this.options = options;
    this.tokens =
        Counter.builder("poolmark.text.tokens")
            .description("Tokens of texts that were encoded")
            .register(metrics);
    this.batchTexts =
        DistributionSummary.builder("poolmark.text.batch.texts")
            .description("Texts that were encoded at once")
            .register(metrics);
    this.batchTokens =
        DistributionSummary.builder("poolmark.text.batch.tokens")
            .description("Tokens that were encoded at once")
            .register(metrics);
    Gauge.builder("poolmark.text.waiting", this, Encoder::waitingTexts)
        .description("Texts that wait to be encoded")
        .register(metrics);
    FunctionCounter.builder("poolmark.lanes.replaced", lane, Lane::restarts)
        .description("Child processes that were replaced after a fault")
        .tag("lane", "text")
        .register(metrics);
  }

  public EncoderOptions options() {
    return options;
  }

  /** Loads the model ahead of its first text. */
  public Future<Void> warm() {
    return run(new WorkerRequest.Load(model())).onComplete(ended -> next()).mapEmpty();
  }

  /**
   * Encodes the texts of a request.
   *
   * @param over completes with the request: what of it has not begun then is dropped
   * @return one a text, in their order; fails with a {@link RefusedTextException} where a text is
   *     not the model's, with an {@link EncoderFault} where its batch failed, and with a {@link
   *     NoRoomException} where too many answers are under way
   */
  public Future<List<Embedding>> encode(List<Text> texts, Future<Void> over) {
    RequestTexts request = new RequestTexts(texts, options.model().maxTokens(), held.share());
    open++;
    waiting.add(request);
    request.end().onComplete(ended -> waiting.remove(request));
    over.onComplete(
        unused -> {
          request.fail(new RefusedTextException("nobody waits for it"));
          request.release();
          open--;
          completeDrain();
        });
    next();
    return request.end();
  }

  private void next() {
    List<RequestTexts.Turn> batch = busy ? List.of() : batch();
    if (batch.isEmpty()) {
      return;
    }
    List<WorkerRequest.Text> texts = batch.stream().map(turn -> turn.text().forWorker()).toList();
    run(new WorkerRequest.Embed(model(), texts))
        .onSuccess(answer -> hand(batch, (WorkerEvent.Embedded) answer))
        .onFailure(
            fault ->
                batch.forEach(
                    t -> t.request().fail(new EncoderFault(String.valueOf(fault.getMessage())))))
        .onComplete(ended -> next());
  }

  /** A text of each request in turn, until there are tokens enough. */
  private List<RequestTexts.Turn> batch() {
    List<RequestTexts.Turn> batch = new ArrayList<>();
    int sum = 0;
    while (!waiting.isEmpty()
        && (batch.isEmpty() || sum + waiting.peek().nextTokens() <= options.maxBatchTokens())) {
      RequestTexts request = waiting.poll();
      sum += request.nextTokens();
      batch.add(request.take());
      if (request.waiting() > 0) {
        waiting.add(request);
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

  private void hand(List<RequestTexts.Turn> batch, WorkerEvent.Embedded answer) {
    int sum = 0;
    for (int i = 0; i < batch.size(); i++) {
      RequestTexts.Turn turn = batch.get(i);
      WorkerEvent.Text text = answer.texts().get(i);
      if (text.error() != null) {
        turn.request().fail(new RefusedTextException(text.error()));
        continue;
      }
      sum += text.tokens();
      turn.finish(
          new Embedding(
              text.tokens(),
              Objects.requireNonNull(text.values()),
              turn.queueSeconds(),
              answer.tokenizationSeconds(),
              answer.inferenceSeconds()));
    }
    tokens.increment(sum);
    batchTokens.record(sum);
    batchTexts.record(batch.size());
  }

  private int waitingTexts() {
    return waiting.stream().mapToInt(RequestTexts::waiting).sum();
  }

  /** Completes when the requests under way have their answers; there must be no more then. */
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
