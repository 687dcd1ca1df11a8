package dev.poolmark.evaluator.dataset;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * Parses decimal numbers out of bytes to the very float of {@link Float#parseFloat}.
 *
 * <p>The usual spelling, {@code -0.0123456}, is read without a branch that depends on the number:
 * the digit and the point are compared at once; the sixteen bytes behind them are loaded as two
 * longs, their first byte that is no digit is found by its high bits, all from there on are taken
 * for zeros, and three multiplications add up eight digits (SIMD within a register; Lamport, <a
 * href="https://lamport.azurewebsites.net/pubs/multiple-byte.pdf">Multiple byte processing with
 * full-word instructions</a>; Lemire, <a href="https://arxiv.org/abs/2101.11408">Number parsing at
 * a gigabyte per second</a>, as in FastDoubleParser's {@code FastDoubleSwar}). So it is always
 * {@code w * 10^-16}, of a whole {@code w} of seventeen digits. Other spellings take longer ways.
 *
 * <p>Then {@code d = w * 10^e} in double arithmetic (Clinger, <a
 * href="https://doi.org/10.1145/93542.93557">How to read floating point numbers accurately</a>).
 * {@code w}, up to eight digits behind it, the power and the product are each rounded, by half a
 * unit in the last place, so {@code d} is off by at most five such units. A double has 29 bits more
 * than a float; the float nearest to the true number is the float nearest to {@code d} unless a
 * midpoint between two floats lies between them, that is, unless these 29 bits are within a few
 * units of {@code 0x10000000}. That happens to one random number in 30 million, and to midpoints
 * spelled out; these, numbers of too many digits, and numbers outside the range of normal floats go
 * to the JDK.
 */
public final class FloatParser {

  /** Bytes that must be readable behind the blank or line end that ends a number. */
  public static final int PADDING = 2 * Long.BYTES - 1;

  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle SHORT =
      MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.LITTLE_ENDIAN);

  /** The bytes {@code 0.} as a short. */
  private static final int ZERO_POINT = '.' << 8 | '0';

  private static final long OTHER_ENDS = 1L << '\n' | 1L << '\r' | 1L << '\t';

  private static final int MAX_DIGITS = 18;
  private static final int MAX_POWER = 60;

  /** {@code 10^(i - MAX_POWER)}, each the nearest double. */
  private static final double[] POWERS = new double[2 * MAX_POWER + 1];

  static {
    for (int i = 0; i < POWERS.length; i++) {
      POWERS[i] = Double.parseDouble("1e" + (i - MAX_POWER));
    }
  }

  /**
   * Parses the number that begins at the given index and is ended by a blank, a tab or a line end,
   * behind which {@link #PADDING} bytes more are readable, into {@code values[i]}: the float
   * nearest to it, an infinity where it is too large.
   *
   * <p>The value is stored, not returned beside the index, so that the next number can be begun
   * while this one is still multiplied: packed into one result, each would wait for the other.
   *
   * @return the index of the byte that ends it
   * @throws NumberFormatException where it is not a decimal number
   */
  public static int parse(byte[] bytes, int from, float[] values, int i) {
    int minus = minus(bytes[from]);
    int at = from + minus;
    int first = (short) SHORT.get(bytes, at) - ZERO_POINT;
    if (first < 0 || first > 9) {
      return parseAny(bytes, from, values, i);
    }
    long eight = (long) LONG.get(bytes, at + 2);
    long next = (long) LONG.get(bytes, at + 10);
    long stop = firstNoDigit(eight);
    long nextStop = firstNoDigit(next);
    long ifAllEight = stop - 1 >> 63; // all bits or none
    int end = at + 2 + digits(stop) + (digits(nextStop) & (int) ifAllEight);
    long w =
        first * 10_000_000_000_000_000L
            + number(eight, stop) * 100_000_000
            + (number(next, nextStop) & ifAllEight);
    if (!isEnd(bytes[end])) {
      return parseLong(bytes, from, end, w, values, i);
    }
    return round(w * 1e-16, bytes, from, end, values, i);
  }

  /** Goes on behind {@code d.}, up to 16 digits, and no end: there are more, or an exponent. */
  private static int parseLong(byte[] bytes, int from, int at, long w, float[] values, int i) {
    long eight = (long) LONG.get(bytes, at);
    long stop = firstNoDigit(eight);
    if (stop == 0) {
      return parseAny(bytes, from, values, i);
    }
    int end = at + digits(stop);
    double d = w + number(eight, stop) * 1e-8;
    return isEnd(bytes[end])
        ? round(d * 1e-16, bytes, from, end, values, i)
        : scale(d, -16, bytes, from, end, values, i);
  }

  /** Parses any spelling, digit by digit. */
  private static int parseAny(byte[] bytes, int from, float[] values, int i) {
    int digitsFrom = from + (isSign(bytes[from]) ? 1 : 0);
    int at = digitsFrom;
    int point = -1;
    int significant = 0;
    long w = 0;
    for (byte c = bytes[at]; isDigit(c) || c == '.' && point < 0; c = bytes[++at]) {
      if (c == '.') {
        point = at;
      } else if (significant > 0 || c != '0') {
        significant++;
        w = 10 * w + (c - '0');
      }
    }
    int digits = at - digitsFrom - (point < 0 ? 0 : 1);
    if (digits == 0) {
      throw notANumber(bytes, from);
    }
    double d = significant <= MAX_DIGITS ? w : Double.NaN; // which is left to the JDK
    return scale(d, point < 0 ? 0 : point + 1 - at, bytes, from, at, values, i);
  }

  /** Multiplies by a power of ten and by the exponent's, if there is one. */
  private static int scale(
      double d, int power, byte[] bytes, int from, int at, float[] values, int i) {
    int end = at;
    int exponent = 0;
    if ((bytes[at] | 0x20) == 'e') {
      int exponentFrom = at + (isSign(bytes[at + 1]) ? 2 : 1);
      for (end = exponentFrom; isDigit(bytes[end]); end++) {
        exponent = Math.min(10 * exponent + (bytes[end] - '0'), 1_000_000);
      }
      if (end == exponentFrom) {
        throw notANumber(bytes, from);
      }
      exponent = bytes[at + 1] == '-' ? -exponent : exponent;
    }
    if (!isEnd(bytes[end])) {
      throw notANumber(bytes, from);
    }
    exponent += power;
    if (exponent < -MAX_POWER || exponent > MAX_POWER) {
      return byTheJdk(bytes, from, end, values, i);
    }
    double scaled = d * POWERS[exponent + MAX_POWER];
    return scaled >= Float.MIN_NORMAL && scaled <= Float.MAX_VALUE || scaled == 0
        ? round(scaled, bytes, from, end, values, i)
        : byTheJdk(bytes, from, end, values, i);
  }

  private static int round(double d, byte[] bytes, int from, int end, float[] values, int i) {
    int low = (int) Double.doubleToRawLongBits(d) & 0x1FFFFFFF;
    if (low - 0x0FFFFFF8 >>> 4 == 0) {
      return byTheJdk(bytes, from, end, values, i);
    }
    int sign = minus(bytes[from]) << 31;
    values[i] = Float.intBitsToFloat(Float.floatToRawIntBits((float) d) | sign);
    return end;
  }

  private static int byTheJdk(byte[] bytes, int from, int end, float[] values, int i) {
    String word = new String(bytes, from, end - from, StandardCharsets.US_ASCII);
    values[i] = Float.parseFloat(word);
    return end;
  }

  /** 1 or 0. Half of the numbers are negative: a branch would be mispredicted. */
  private static int minus(byte c) {
    return (c & 0xFF ^ '-') - 1 >>> 31;
  }

  private static boolean isSign(byte c) {
    return c == '-' || c == '+';
  }

  private static boolean isDigit(byte c) {
    return c >= '0' && c <= '9';
  }

  static boolean isEnd(byte c) {
    return c == ' ' || c < ' ' && c > 0 && (1L << c & OTHER_ENDS) != 0;
  }

  /** Of eight bytes, the first that is no digit has its lowest bit set, and none before it. */
  private static long firstNoDigit(long eight) {
    return ((eight + 0x4646464646464646L | eight - 0x3030303030303030L) & 0x8080808080808080L)
        >>> 7;
  }

  private static int digits(long stop) {
    return Long.numberOfTrailingZeros(stop) >>> 3;
  }

  /** The number that eight digits spell, where those from the stop on are zeros. */
  private static long number(long eight, long stop) {
    long digits = eight - 0x3030303030303030L & stop - 1 & ~stop;
    long v = digits * 10 + (digits >>> 8);
    return (((v & 0x000000FF000000FFL) * 0x000F424000000064L)
            + (((v >>> 16) & 0x000000FF000000FFL) * 0x0000271000000001L))
        >>> 32;
  }

  private static NumberFormatException notANumber(byte[] bytes, int from) {
    int end = from;
    while (!isEnd(bytes[end])) {
      end++;
    }
    return new NumberFormatException(
        "'" + new String(bytes, from, Math.min(end - from, 40), StandardCharsets.UTF_8) + "'");
  }

  private FloatParser() {}
}
