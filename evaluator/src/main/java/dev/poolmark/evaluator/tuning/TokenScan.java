package dev.poolmark.evaluator.tuning;

import dev.poolmark.evaluator.dataset.Side;
import dev.poolmark.evaluator.dataset.TokenStore;
import dev.poolmark.evaluator.files.Sha256;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** One pass over all tokens of labelled pairs, a sentence in memory at a time. */
final class TokenScan {

  private static final List<Side> SIDES = List.of(Side.FIRST, Side.SECOND);

  /** Text files hold some digits only, so that equal tokens may differ by a rounding. */
  private static final float ROUNDING = 1e-5f;

  private final TokenStore store;
  private final int dim;
  private final MessageDigest digest = Sha256.newDigest();
  private final Set<ByteBuffer> seenSentences = new HashSet<>();
  private final Set<ByteBuffer> seenPairs = new HashSet<>();
  private final double[] sums;
  private final double[] squares;
  private final SentenceMeans means;
  private float @Nullable [] origin;
  private float @Nullable [] lastToken;
  private ByteBuffer room = ByteBuffer.allocate(0);
  private long tokens;

  private long duplicateSentences;
  private long duplicatePairs;
  private long zeroRows;
  private boolean constantFirst = true;
  private boolean constantLast = true;

  private TokenScan(TokenStore store, SentenceMeans means) {
    this.store = store;
    this.dim = store.dim();
    this.means = means;
    this.sums = new double[dim];
    this.squares = new double[dim];
  }

  /**
   * Reads every sentence.
   *
   * @param means is told each sentence's mean
   */
  static TokenScan of(TokenStore store, SentenceMeans means) {
    TokenScan scan = new TokenScan(store, means);
    for (int row = 0; row < store.rows(); row++) {
      ByteBuffer first = scan.read(Side.FIRST, row);
      ByteBuffer second = scan.read(Side.SECOND, row);
      ByteBuffer pair = ByteBuffer.allocate(first.capacity() + second.capacity());
      if (!scan.seenPairs.add(pair.put(first.duplicate()).put(second.duplicate()).flip())) {
        scan.duplicatePairs++;
      }
    }
    return scan;
  }

  /** A sentence's hash, after all that is asked of its tokens. */
  private ByteBuffer read(Side side, int row) {
    int length = store.length(side, row);
    int bytes = Math.multiplyExact(length, dim * Float.BYTES);
    if (room.capacity() < bytes) {
      room = ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }
    room.clear().limit(bytes);
    store.copy(side, row, room);
    FloatBuffer values = room.flip().asFloatBuffer();
    float[] token = new float[dim];
    double[] mean = new double[dim];
    for (int i = 0; i < length; i++) {
      values.get(token);
      float[] first = origin == null ? token.clone() : origin;
      origin = first;
      add(token, mean, first);
      constantFirst &= i > 0 || isLike(first, token);
      constantLast &= i < length - 1 || isLikeLast(token);
    }
    for (int d = 0; d < dim; d++) {
      mean[d] /= length;
    }
    means.add(side, row, mean);
    ByteBuffer hash = ByteBuffer.wrap(digest.digest(Arrays.copyOf(room.array(), bytes)));
    if (!seenSentences.add(hash)) {
      duplicateSentences++;
    }
    return hash;
  }

  private void add(float[] token, double[] mean, float[] origin) {
    boolean zero = true;
    for (int d = 0; d < dim; d++) {
      zero &= token[d] == 0;
      mean[d] += token[d];
      double moved = token[d] - origin[d]; // so that a large offset cancels nothing
      sums[d] += moved;
      squares[d] += moved * moved;
    }
    zeroRows += zero ? 1 : 0;
    tokens++;
  }

  private boolean isLikeLast(float[] token) {
    if (lastToken == null) {
      lastToken = token.clone();
    }
    return isLike(lastToken, token);
  }

  private static boolean isLike(float[] one, float[] other) {
    for (int d = 0; d < one.length; d++) {
      if (Math.abs(one[d] - other[d]) > ROUNDING * Math.max(1, Math.abs(one[d]))) {
        return false;
      }
    }
    return true;
  }

  long duplicateSentences() {
    return duplicateSentences;
  }

  long duplicatePairs() {
    return duplicatePairs;
  }

  long zeroRows() {
    return zeroRows;
  }

  boolean constantFirstToken() {
    return constantFirst;
  }

  boolean constantLastToken() {
    return constantLast;
  }

  /** The share of the tokens' variance in the dimensions that vary most. */
  double varianceShare(int dimensions) {
    double[] variances =
        IntStream.range(0, dim)
            .mapToDouble(d -> squares[d] - sums[d] * sums[d] / tokens)
            .sorted()
            .toArray();
    double all = Arrays.stream(variances).sum();
    double largest = Arrays.stream(variances, Math.max(0, dim - dimensions), dim).sum();
    return all > 0 ? largest / all : 0;
  }

  /** Tokens of each sentence, shortest first. */
  static int[] lengths(TokenStore store) {
    return SIDES.stream()
        .flatMapToInt(side -> IntStream.range(0, store.rows()).map(row -> store.length(side, row)))
        .sorted()
        .toArray();
  }

  /** The share of padding where sentences are put into batches in the order of the files. */
  static double paddingShare(TokenStore store, int batchSize) {
    long padded = 0;
    for (Side side : SIDES) {
      for (int from = 0; from < store.rows(); from += batchSize) {
        int to = Math.min(store.rows(), from + batchSize);
        long longest =
            IntStream.range(from, to).map(row -> store.length(side, row)).max().orElse(0);
        padded += longest * (to - from);
      }
    }
    return 1 - (double) store.tokens() / padded;
  }
}
