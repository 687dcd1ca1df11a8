package dev.poolmark.evaluator.training;

import dev.poolmark.evaluator.batch.ByLength;
import dev.poolmark.evaluator.dataset.Side;
import dev.poolmark.evaluator.dataset.TokenStore;
import dev.poolmark.evaluator.torch.GroupedTokens;
import dev.poolmark.evaluator.torch.TokenTensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Makes tensors of pairs or triplets: all first sentences, then all second ones, and so on. Their
 * buffer is reused, so they must be closed before the next ones are made.
 */
final class RowBatches {

  /** Sentences a group: fewer pad less, but each group is a forward pass of its own. */
  private static final int GROUP = 32;

  private final TokenStore store;
  private final double[] numbers;
  private ByteBuffer room = ByteBuffer.allocateDirect(0);

  RowBatches(TokenStore store) {
    this.store = store;
    this.numbers = store.numbers();
  }

  /** The rows' tokens, {@code (sides * rows, seq, dim)}. */
  TokenTensor of(int[] rows) {
    List<Sentence> sentences = sentences(rows);
    int seq = sentences.stream().mapToInt(this::length).max().orElseThrow();
    reserve((long) sentences.size() * seq);
    return tensor(sentences, seq, 0);
  }

  /** The same, in groups of sentences of similar lengths. */
  GroupedTokens grouped(int[] rows) {
    List<Sentence> sentences = sentences(rows);
    int[] byLength = ByLength.order(sentences.size(), i -> length(sentences.get(i)));
    List<List<Sentence>> groups = new ArrayList<>();
    long tokens = 0;
    for (int from = 0; from < byLength.length; from += GROUP) {
      int to = Math.min(from + GROUP, byLength.length);
      groups.add(Arrays.stream(byLength, from, to).mapToObj(sentences::get).toList());
      tokens += (long) (to - from) * length(sentences.get(byLength[to - 1]));
    }
    reserve(tokens);
    List<TokenTensor> tensors = new ArrayList<>();
    int start = 0;
    for (List<Sentence> group : groups) {
      int seq = length(group.get(group.size() - 1));
      tensors.add(tensor(group, seq, start));
      start += group.size() * seq;
    }
    return new GroupedTokens(tensors, byLength);
  }

  private record Sentence(Side side, int row) {}

  private List<Sentence> sentences(int[] rows) {
    List<Sentence> sentences = new ArrayList<>();
    for (Side side : store.layout().sides()) {
      for (int row : rows) {
        sentences.add(new Sentence(side, row));
      }
    }
    return sentences;
  }

  private int length(Sentence sentence) {
    return store.length(sentence.side(), sentence.row());
  }

  /** Makes room for so many tokens, all of them zero. */
  private void reserve(long tokens) {
    int bytes = Math.toIntExact(tokens * store.dim() * Float.BYTES);
    if (room.capacity() < bytes) {
      room = ByteBuffer.allocateDirect(bytes).order(ByteOrder.nativeOrder());
    }
    for (int i = 0; i + Long.BYTES <= bytes; i += Long.BYTES) {
      room.putLong(i, 0);
    }
    for (int i = bytes & -Long.BYTES; i < bytes; i++) {
      room.put(i, (byte) 0);
    }
  }

  /**
   * @param start where in the room it begins, in tokens
   */
  private TokenTensor tensor(List<Sentence> sentences, int seq, int start) {
    int tokenBytes = store.dim() * Float.BYTES;
    for (int i = 0; i < sentences.size(); i++) {
      room.clear().position((start + i * seq) * tokenBytes);
      store.copy(sentences.get(i).side(), sentences.get(i).row(), room);
    }
    int bytes = sentences.size() * seq * tokenBytes;
    ByteBuffer tokens = room.slice(start * tokenBytes, bytes).order(ByteOrder.nativeOrder());
    return new TokenTensor(tokens, sentences.size(), seq, store.dim());
  }

  /** The rows' labels or margins; zeros where they have none. */
  float[] numbers(int[] rows) {
    float[] taken = new float[rows.length];
    for (int i = 0; i < rows.length && numbers.length > 0; i++) {
      taken[i] = (float) numbers[rows[i]];
    }
    return taken;
  }
}
