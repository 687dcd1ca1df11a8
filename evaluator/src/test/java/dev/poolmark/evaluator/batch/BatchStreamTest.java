package dev.poolmark.evaluator.batch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.poolmark.evaluator.dataset.Layout;
import dev.poolmark.evaluator.dataset.Side;
import dev.poolmark.evaluator.dataset.Texts;
import dev.poolmark.evaluator.dataset.TokenStore;
import dev.poolmark.evaluator.dataset.TokenStoreWriter;
import dev.poolmark.evaluator.files.BadDataException;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.junit5.VertxExtension;
import io.vertx.junit5.VertxTestContext;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(VertxExtension.class)
class BatchStreamTest {

  private static final int PAIRS = 1003;

  @TempDir Path folder;
  @TempDir Path cache;
  private TokenStore store;

  @BeforeEach
  void open() throws IOException {
    store = Texts.open(Texts.random(folder, PAIRS, 11), cache);
  }

  @AfterEach
  void close() {
    store.close();
  }

  @Test
  void allPairsComeInOrderPaddedOnTheRight(Vertx vertx, VertxTestContext test) {
    Context context = vertx.getOrCreateContext();
    int[] expected = {0};
    context.runOnContext(
        v -> {
          PairBatchStream stream = new PairBatchStream(context, store, 64);
          stream
              .exceptionHandler(test::failNow)
              .endHandler(
                  end ->
                      test.verify(
                          () -> {
                            assertEquals(PAIRS, expected[0]);
                            test.completeNow();
                          }))
              .handler(
                  batch ->
                      test.verify(
                          () -> {
                            assertSame(context, vertx.getOrCreateContext());
                            assertEquals(expected[0], batch.firstPair());
                            assertEquals(Math.min(64, PAIRS - expected[0]), batch.size());
                            checkContent(batch.first(), Side.FIRST, batch.firstPair());
                            checkContent(batch.second(), Side.SECOND, batch.firstPair());
                            expected[0] += batch.size();
                            batch.release();
                          }));
        });
  }

  private void checkContent(TokenBatch batch, Side side, int firstPair) {
    ByteBuffer bytes = batch.buffer();
    assertTrue(bytes.isDirect());
    assertSame(ByteOrder.nativeOrder(), bytes.order());
    assertEquals(0, bytes.position());
    assertEquals(batch.size() * batch.seqLen() * batch.dim() * Float.BYTES, bytes.capacity());
    FloatBuffer values = bytes.asFloatBuffer();
    int longest = 0;
    for (int i = 0; i < batch.size(); i++) {
      int length = store.length(side, firstPair + i);
      assertEquals(length, batch.length(i));
      longest = Math.max(longest, length);
      ByteBuffer sentence =
          ByteBuffer.allocate(batch.seqLen() * batch.dim() * Float.BYTES)
              .order(ByteOrder.LITTLE_ENDIAN);
      store.copy(side, firstPair + i, sentence);
      FloatBuffer expected = sentence.clear().asFloatBuffer();
      assertEquals(expected, values.slice(i * expected.capacity(), expected.capacity()));
    }
    assertEquals(longest, batch.seqLen());
  }

  @Test
  void whoReleasesNothingGetsTwoBatches(Vertx vertx, VertxTestContext test) {
    Context context = vertx.getOrCreateContext();
    List<PairBatch> kept = new ArrayList<>();
    int[] afterRelease = {0};
    context.runOnContext(
        v -> {
          PairBatchStream stream = new PairBatchStream(context, store, 10);
          stream
              .exceptionHandler(test::failNow)
              .endHandler(end -> test.failNow("more batches than there is room for"))
              .handler(
                  batch -> {
                    kept.add(batch);
                    if (kept.size() == 2) {
                      vertx.setTimer(
                          50,
                          timer -> {
                            test.verify(() -> assertEquals(2, kept.size()));
                            kept.get(0).release();
                          });
                    }
                    if (kept.size() == 3) {
                      test.verify(() -> assertEquals(20, batch.firstPair()));
                      test.completeNow();
                    }
                  });
        });
  }

  @Test
  void aPausedStreamDeliversWhatIsFetched(Vertx vertx, VertxTestContext test) {
    Context context = vertx.getOrCreateContext();
    List<Integer> seen = new ArrayList<>();
    context.runOnContext(
        v -> {
          PairBatchStream stream = new PairBatchStream(context, store, 100);
          stream
              .pause()
              .exceptionHandler(test::failNow)
              .endHandler(
                  end ->
                      test.verify(
                          () -> {
                            assertEquals(stream.batches(), seen.size());
                            test.completeNow();
                          }))
              .handler(
                  batch -> {
                    seen.add(batch.firstPair());
                    batch.release();
                    if (seen.size() == 3) { // and no fourth one comes of itself
                      vertx.setTimer(
                          50,
                          t -> {
                            test.verify(() -> assertEquals(List.of(0, 100, 200), seen));
                            stream.resume();
                          });
                    }
                  });
          vertx.setTimer(
              30,
              t -> {
                test.verify(() -> assertEquals(List.of(), seen));
                stream.fetch(3);
              });
        });
  }

  @Test
  void aCancelledStreamIsSilent(Vertx vertx, VertxTestContext test) {
    Context context = vertx.getOrCreateContext();
    int[] batches = {0};
    context.runOnContext(
        v -> {
          PairBatchStream stream = new PairBatchStream(context, store, 10);
          stream
              .endHandler(end -> test.failNow("it has not come to its end"))
              .handler(
                  batch -> {
                    batches[0]++;
                    batch.release();
                    if (batches[0] == 3) {
                      stream
                          .cancel()
                          .onComplete(
                              test.succeeding(
                                  done ->
                                      vertx.setTimer(
                                          30,
                                          t ->
                                              test.verify(
                                                  () -> {
                                                    assertEquals(3, batches[0]);
                                                    test.completeNow();
                                                  }))));
                    }
                  });
        });
  }

  @Test
  void whatAHandlerThrowsEndsTheStream(Vertx vertx, VertxTestContext test) {
    Context context = vertx.getOrCreateContext();
    context.runOnContext(
        v ->
            new PairBatchStream(context, store, 10)
                .exceptionHandler(
                    problem ->
                        test.verify(
                            () -> {
                              assertEquals("mine", problem.getMessage());
                              test.completeNow();
                            }))
                .handler(
                    batch -> {
                      throw new IllegalStateException("mine");
                    }));
  }

  @Test
  void aStoreClosedMeanwhileIsToldToTheExceptionHandler(Vertx vertx, VertxTestContext test) {
    Context context = vertx.getOrCreateContext();
    store.close();
    context.runOnContext(
        v ->
            new PairBatchStream(context, store, 10)
                .exceptionHandler(problem -> test.completeNow())
                .handler(batch -> test.failNow("there is nothing to read")));
  }

  @Test
  void sentencesOfBothSidesComeShortestFirst(Vertx vertx, VertxTestContext test) {
    Context context = vertx.getOrCreateContext();
    int[] longest = {0};
    int[] sentences = {0};
    long[] tokens = {0};
    context.runOnContext(
        v ->
            new SentenceBatchStream(context, store, 64)
                .exceptionHandler(test::failNow)
                .endHandler(
                    end ->
                        test.verify(
                            () -> {
                              assertEquals(2 * PAIRS, sentences[0]);
                              assertEquals(store.tokens(), tokens[0]);
                              test.completeNow();
                            }))
                .handler(
                    batch ->
                        test.verify(
                            () -> {
                              assertTrue(batch.seqLen() >= longest[0]);
                              longest[0] = batch.seqLen();
                              sentences[0] += batch.size();
                              for (int i = 0; i < batch.size(); i++) {
                                tokens[0] += batch.length(i);
                              }
                              batch.release();
                            })));
  }

  @Test
  void oneBatchMayHoldEverything(Vertx vertx, VertxTestContext test) {
    Context context = vertx.getOrCreateContext();
    context.runOnContext(
        v ->
            new PairBatchStream(context, store, Integer.MAX_VALUE)
                .exceptionHandler(test::failNow)
                .endHandler(end -> test.completeNow())
                .handler(batch -> test.verify(() -> assertEquals(PAIRS, batch.size()))));
  }

  @Test
  void aBatchOfNothingIsRefused(Vertx vertx) {
    Context context = vertx.getOrCreateContext();
    assertThrows(IllegalArgumentException.class, () -> new PairBatchStream(context, store, 0));
  }

  @Test
  void aBatchThatNoBufferCanHoldIsRefused(Vertx vertx, @TempDir Path other) throws IOException {
    try (TokenStoreWriter writer = TokenStoreWriter.in(other, Layout.PAIRS, 1)) {
      float[] token = new float[60_000];
      for (int side = 0; side < 2; side++) {
        for (int i = 0; i < 10_000; i++) {
          writer.append(token, i == 0 ? 60_000 : 1);
        }
        if (side == 0) {
          writer.nextSide();
        }
      }
      Path path = writer.commit("x", new double[10_000], "long", "0");
      try (TokenStore long1 = TokenStore.read(path, "long")) {
        Context context = vertx.getOrCreateContext();
        BadDataException problem =
            assertThrows(BadDataException.class, () -> new PairBatchStream(context, long1, 10_000));
        assertEquals(
            "long: expected batches that fit into memory, found one of 2288 MiB a side for its"
                + " longest sentence; make them smaller",
            problem.getMessage());
      }
    }
  }
}
