package dev.poolmark.evaluator.encoder;

import ai.djl.huggingface.tokenizers.Encoding;
import java.util.Arrays;
import java.util.Locale;

/**
 * A text as a model reads it: token ids, those that mark its start and end included.
 *
 * @param ids of the model's vocabulary
 * @param types the token's segment, for models that take {@code token_type_ids}
 * @param marksAtStart how many ids at the start are no text's
 * @param marksAtEnd how many ids at the end are no text's
 */
public record TokenIds(long[] ids, long[] types, int marksAtStart, int marksAtEnd) {

  /** Which end of a text is given up where it is too long. */
  public enum Truncation {
    LEFT,
    RIGHT
  }

  public TokenIds {
    if (ids.length == 0 || types.length != ids.length) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "some ids, and a type for each, found %d and %d",
              ids.length,
              types.length));
    }
  }

  /** Ids that somebody made himself, marks included where he wants them. */
  public static TokenIds of(long... ids) {
    return new TokenIds(ids, new long[ids.length], 0, 0);
  }

  static TokenIds of(Encoding encoding) {
    long[] special = encoding.getSpecialTokenMask();
    int start = 0;
    while (start < special.length && special[start] == 1) {
      start++;
    }
    int end = 0;
    while (end < special.length - start && special[special.length - 1 - end] == 1) {
      end++;
    }
    return new TokenIds(encoding.getIds(), encoding.getTypeIds(), start, end);
  }

  public int count() {
    return ids.length;
  }

  /** At most {@code max} ids: the marks stay, the text gives way at one end. */
  public TokenIds truncated(int max, Truncation side) {
    if (ids.length <= max) {
      return this;
    }
    int kept = Math.max(0, max - marksAtStart - marksAtEnd);
    int from = side == Truncation.RIGHT ? marksAtStart : ids.length - marksAtEnd - kept;
    return new TokenIds(
        without(ids, from, kept), without(types, from, kept), marksAtStart, marksAtEnd);
  }

  private long[] without(long[] values, int from, int kept) {
    long[] cut = Arrays.copyOf(values, marksAtStart + kept + marksAtEnd);
    System.arraycopy(values, from, cut, marksAtStart, kept);
    System.arraycopy(values, values.length - marksAtEnd, cut, cut.length - marksAtEnd, marksAtEnd);
    return cut;
  }
}
