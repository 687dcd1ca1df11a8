package dev.poolmark.evaluator.evaluation;

import dev.poolmark.evaluator.batch.Batch;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.streams.WriteStream;

/** Takes batches on the scoring thread, one at a time, and ends between two of them. */
abstract class Loop<B extends Batch> implements WriteStream<B> {

  private final RunLimit limit;

  Loop(RunLimit limit) {
    this.limit = limit;
  }

  abstract void process(B batch);

  final RunLimit limit() {
    return limit;
  }

  @Override
  public final Future<Void> write(B batch) {
    try {
      limit.check();
      process(batch);
      return Future.succeededFuture();
    } catch (RuntimeException | Error e) {
      return Future.failedFuture(e);
    } finally {
      batch.release();
    }
  }

  @Override
  public final Future<Void> end() {
    return Future.succeededFuture();
  }

  @Override
  public final boolean writeQueueFull() {
    return false; // a write is done when it returns
  }

  @Override
  public final Loop<B> setWriteQueueMaxSize(int maxSize) {
    return this;
  }

  @Override
  public final Loop<B> drainHandler(Handler<Void> handler) {
    return this;
  }

  @Override
  public final Loop<B> exceptionHandler(Handler<Throwable> handler) {
    return this;
  }
}
