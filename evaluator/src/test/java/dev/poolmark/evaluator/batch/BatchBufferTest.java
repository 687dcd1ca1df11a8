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
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BatchBufferTest {

  private static final int PAIRS = 150;

  @Test
  void batchesThatAreThereTogetherArePaddedOnTheRight(@TempDir Path folder, @TempDir Path cache)
      throws IOException {
    try (TokenStore store = Texts.open(Texts.random(folder, PAIRS, 11), cache)) {
      List<int[]> wanted =
          List.of(IntStream.range(0, 64).toArray(), new int[] {PAIRS + 7}, new int[] {9, 3, 140});
      List<TokenBatch> batches =
          new BatchBuffer()
              .fill(StoreTokens.of(store, IntStream.range(0, PAIRS).toArray()), wanted);
      for (int i = 0; i < wanted.size(); i++) {
        checkContent(batches.get(i), store, wanted.get(i));
      }
    }
  }

  private static void checkContent(TokenBatch batch, TokenStore store, int[] sentences) {
    ByteBuffer bytes = batch.buffer();
    assertTrue(bytes.isDirect());
    assertSame(ByteOrder.nativeOrder(), bytes.order());
    assertEquals(0, bytes.position());
    assertEquals(batch.size() * batch.seqLen() * batch.dim() * Float.BYTES, bytes.capacity());
    FloatBuffer values = bytes.asFloatBuffer();
    int longest = 0;
    for (int i = 0; i < batch.size(); i++) {
      Side side = sentences[i] < PAIRS ? Side.FIRST : Side.SECOND;
      int row = sentences[i] % PAIRS;
      assertEquals(store.length(side, row), batch.length(i));
      longest = Math.max(longest, batch.length(i));
      ByteBuffer sentence =
          ByteBuffer.allocate(batch.seqLen() * batch.dim() * Float.BYTES)
              .order(ByteOrder.LITTLE_ENDIAN);
      store.copy(side, row, sentence);
      FloatBuffer expected = sentence.clear().asFloatBuffer();
      assertEquals(expected, values.slice(i * expected.capacity(), expected.capacity()));
    }
    assertEquals(longest, batch.seqLen());
  }

  @Test
  void aBatchThatNoBufferCanHoldIsRefused(@TempDir Path folder) throws IOException {
    try (TokenStoreWriter writer = TokenStoreWriter.in(folder, Layout.PAIRS, 1)) {
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
      try (TokenStore store = TokenStore.read(path, "long")) {
        int[] all = IntStream.range(0, 10_000).toArray();
        Tokens tokens = StoreTokens.of(store, all);
        BadDataException problem =
            assertThrows(
                BadDataException.class, () -> new BatchBuffer().fill(tokens, List.of(all)));
        assertEquals(
            "long: expected batches that fit into memory, found one of 2288 MiB; make batches"
                + " smaller, or sentences shorter",
            problem.getMessage());
      }
    }
  }
}
