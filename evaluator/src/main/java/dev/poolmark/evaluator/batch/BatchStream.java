package dev.poolmark.evaluator.batch;

import dev.poolmark.evaluator.dataset.TokenStore;
import dev.poolmark.evaluator.files.BadDataException;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.streams.ReadStream;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Queue;

/**
 * Batches of a token store in their planned order. They are prepared on a worker thread, and
 * delivered on the context's, each by an event of its own.
 *
 * <p>There are two batches at most: one with the consumer, one in preparation. So memory is
 * bounded, and whoever doesn't {@linkplain Batch#release release} gets no more. The stream must be
 * used on its context; only the release may come from anywhere.
 */
public abstract sealed class BatchStream<B extends Batch> implements ReadStream<B>
    permits PairBatchStream, SentenceBatchStream {

  private static final int IN_FLIGHT = 2;

  private final Context context;
  private final TokenStore store;
  private final List<List<Tokens>> plan;
  private final int bufferBytes;
  private final int buffersPerBatch;

  private Handler<B> handler;
  private Handler<Void> endHandler;
  private Handler<Throwable> exceptionHandler;

  private final Queue<ByteBuffer> room = new ArrayDeque<>();
  private final Queue<B> ready = new ArrayDeque<>();
  private Future<B> preparing = Future.succeededFuture();
  private int next;
  private int allocated;
  private long demand = Long.MAX_VALUE;
  private boolean busy;
  private boolean delivering;
  private boolean done;

  /**
   * @param plan the batches, each of the sentences of equally many sides
   */
  BatchStream(Context context, TokenStore store, List<List<Tokens>> plan) {
    this.context = context;
    this.store = store;
    this.plan = plan;
    this.bufferBytes = largest(store, plan);
    this.buffersPerBatch = plan.isEmpty() ? 0 : plan.get(0).size();
  }

  private static int largest(TokenStore store, List<List<Tokens>> plan) {
    int largest = 0;
    for (List<Tokens> batch : plan) {
      for (Tokens sentences : batch) {
        long bytes = TokenBatch.bytes(sentences);
        if (bytes > Integer.MAX_VALUE) {
          throw tooLarge(store, bytes);
        }
        largest = Math.max(largest, (int) bytes);
      }
    }
    return largest;
  }

  private static BadDataException tooLarge(TokenStore store, long bytes) {
    return new BadDataException(
        Path.of(store.name()),
        "batches that fit into memory",
        String.format(
            Locale.ROOT,
            "one of %d MiB a side for its longest sentence; make them smaller",
            bytes >> 20));
  }

  /** Makes a batch of its filled sides. */
  abstract B batch(int index, List<TokenBatch> filled);

  /** Number of batches in all. */
  public int batches() {
    return plan.size();
  }

  @Override
  public BatchStream<B> handler(Handler<B> handler) {
    this.handler = handler;
    if (handler != null) {
      prepare();
      deliverSoon();
    }
    return this;
  }

  @Override
  public BatchStream<B> endHandler(Handler<Void> endHandler) {
    this.endHandler = endHandler;
    return this;
  }

  @Override
  public BatchStream<B> exceptionHandler(Handler<Throwable> exceptionHandler) {
    this.exceptionHandler = exceptionHandler;
    return this;
  }

  @Override
  public BatchStream<B> pause() {
    demand = 0;
    return this;
  }

  @Override
  public BatchStream<B> resume() {
    return fetch(Long.MAX_VALUE);
  }

  @Override
  public BatchStream<B> fetch(long amount) {
    if (amount < 0) {
      throw new IllegalArgumentException("a fetch is of 0 batches or more, found " + amount);
    }
    demand = demand + amount < 0 ? Long.MAX_VALUE : demand + amount;
    deliverSoon();
    return this;
  }

  /**
   * Stops: no handler is called any more.
   *
   * @return when the store is no longer read, so that it may be closed
   */
  public Future<Void> cancel() {
    done = true;
    ready.clear();
    return preparing.otherwiseEmpty().mapEmpty();
  }

  /** Prepares the next batch, if none is being prepared and there is room for one. */
  private void prepare() {
    if (done || busy || next == plan.size()) {
      return;
    }
    List<ByteBuffer> buffers;
    try {
      buffers = takeRoom();
    } catch (OutOfMemoryError e) {
      fail(tooLarge(store, bufferBytes));
      return;
    }
    if (buffers.isEmpty()) {
      return;
    }
    int index = next++;
    busy = true;
    preparing = context.executeBlocking(() -> batch(index, fill(plan.get(index), buffers)));
    preparing.onSuccess(this::prepared).onFailure(this::fail);
  }

  /** Buffers for one batch; none where they are all in use. */
  private List<ByteBuffer> takeRoom() {
    while (room.size() < buffersPerBatch && allocated < IN_FLIGHT * buffersPerBatch) {
      room.add(ByteBuffer.allocateDirect(bufferBytes));
      allocated++;
    }
    List<ByteBuffer> taken = new ArrayList<>();
    if (room.size() >= buffersPerBatch) {
      for (int i = 0; i < buffersPerBatch; i++) {
        taken.add(room.remove());
      }
    }
    return taken;
  }

  private List<TokenBatch> fill(List<Tokens> sides, List<ByteBuffer> buffers) {
    List<TokenBatch> filled = new ArrayList<>();
    for (int i = 0; i < sides.size(); i++) {
      ByteBuffer buffer = buffers.get(i);
      filled.add(TokenBatch.fill(sides.get(i), buffer, () -> giveBack(buffer)));
    }
    return filled;
  }

  private void giveBack(ByteBuffer buffer) {
    context.runOnContext(
        v -> {
          room.add(buffer);
          prepare();
        });
  }

  private void prepared(B batch) {
    busy = false;
    if (!done) {
      ready.add(batch);
      prepare();
      deliverSoon();
    }
  }

  private void deliverSoon() {
    if (!delivering) {
      delivering = true;
      context.runOnContext(v -> deliver());
    }
  }

  private void deliver() {
    delivering = false;
    if (done || handler == null) {
      return;
    }
    if (!ready.isEmpty() && demand > 0) {
      if (demand != Long.MAX_VALUE) {
        demand--;
      }
      handle(ready.remove());
      deliverSoon();
    } else if (ready.isEmpty() && next == plan.size() && !busy) {
      done = true;
      if (endHandler != null) {
        endHandler.handle(null);
      }
    }
  }

  private void handle(B batch) {
    try {
      handler.handle(batch);
    } catch (RuntimeException | Error e) {
      fail(e);
    }
  }

  private void fail(Throwable problem) {
    if (done) {
      return;
    }
    cancel();
    if (exceptionHandler != null) {
      exceptionHandler.handle(problem);
    }
  }
}
