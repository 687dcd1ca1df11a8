package dev.poolmark.evaluator.fuzz;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/** Damages bytes at random, by what disks, networks, editors and people do to files. */
final class Mutation {

  /** What stands in files where a number should, or beside it. */
  private static final List<String> WORDS =
      List.of(
          "0",
          "-0",
          "1",
          "5",
          "5.0000001",
          "-1",
          "65536",
          "65537",
          "2147483648",
          "1e39",
          "1e-46",
          "3.4028235e38",
          "3.4028236e38",
          ".5",
          "5.",
          ".",
          "+1",
          "--1",
          "1e",
          "1e+",
          "e1",
          "NaN",
          "Infinity",
          "0x10",
          "1f",
          "1d",
          "1,5",
          "1_0",
          "\u0661",
          "\uFEFF",
          "\u00A0",
          "\u200B",
          "\u001B[2J",
          "\0",
          "\t",
          "\r",
          "\n",
          "\r\n",
          "\n\n",
          " ",
          "\f",
          "\u000B",
          "\u0085",
          "\u2028",
          "é",
          "😀",
          "00000000000000000000003",
          "1e00000000000000000001",
          "0.000000000000000000000000000000000000000000000000000000000000000000000000000001");

  private final SplittableRandom random;

  Mutation(SplittableRandom random) {
    this.random = random;
  }

  /** A damaged copy, now and then by several damages. */
  byte[] of(byte[] bytes) {
    byte[] damaged = bytes;
    do {
      damaged = once(damaged);
    } while (random.nextInt(4) == 0);
    return damaged;
  }

  private byte[] once(byte[] bytes) {
    int at = random.nextInt(bytes.length + 1);
    int to = Math.min(bytes.length, at + 1 + random.nextInt(random.nextBoolean() ? 4 : 200));
    return switch (random.nextInt(9)) {
      case 0 -> flipped(bytes);
      case 1 -> Arrays.copyOf(bytes, at);
      case 2 -> joined(Arrays.copyOf(bytes, at), Arrays.copyOfRange(bytes, to, bytes.length));
      case 3 -> // a piece twice
          joined(Arrays.copyOf(bytes, to), Arrays.copyOfRange(bytes, at, bytes.length));
      case 4 ->
          joined(Arrays.copyOf(bytes, at), word(), Arrays.copyOfRange(bytes, at, bytes.length));
      case 5 ->
          joined(Arrays.copyOf(bytes, at), word(), Arrays.copyOfRange(bytes, to, bytes.length));
      case 6 -> joined(word(), bytes);
      case 7 -> joined(bytes, random.nextBoolean() ? word() : bytes);
      default -> filled(bytes, at, to);
    };
  }

  private byte[] flipped(byte[] bytes) {
    byte[] copy = bytes.clone();
    if (copy.length > 0) {
      int bit = random.nextInt(8 * copy.length);
      copy[bit / 8] ^= (byte) (1 << bit % 8);
    }
    return copy;
  }

  private byte[] filled(byte[] bytes, int from, int to) {
    byte[] copy = bytes.clone();
    Arrays.fill(copy, from, to, (byte) (random.nextBoolean() ? 0 : random.nextInt(256)));
    return copy;
  }

  private byte[] word() {
    return WORDS.get(random.nextInt(WORDS.size())).getBytes(StandardCharsets.UTF_8);
  }

  private static byte[] joined(byte[]... parts) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      all.writeBytes(part);
    }
    return all.toByteArray();
  }
}
