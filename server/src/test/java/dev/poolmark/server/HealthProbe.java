package dev.poolmark.server;

import java.util.Arrays;
import java.util.concurrent.locks.LockSupport;

/**
 * Asks for the health until its input ends, and prints what the answers took. A process of its own
 * with one plain connection, so that the server is measured and not a busy client.
 */
public final class HealthProbe {

  private static final long EVERY_NANOS = 5_000_000;

  private HealthProbe() {}

  public static void main(String[] args) throws Exception {
    long[] answers = new long[1 << 20];
    long[] sleeps = new long[1 << 20];
    int count = 0;
    try (PlainHttp http = new PlainHttp(Integer.parseInt(args[0]))) {
      for (int i = 0; i < 200; i++) {
        http.get("/health"); // compiles the way there
      }
      System.out.println("ready");
      while (System.in.available() == 0 && count < answers.length) {
        long start = System.nanoTime();
        LockSupport.parkNanos(EVERY_NANOS);
        long awake = System.nanoTime();
        if (http.get("/health").status() != 200) {
          throw new IllegalStateException("expected health");
        }
        answers[count] = System.nanoTime() - awake;
        sleeps[count++] = Math.max(0, awake - start - EVERY_NANOS);
      }
    }
    System.out.printf(
        "%d requests, p50 %.1f ms, p99 %.1f ms, worst %.1f ms (the asking process itself woke up"
            + " late by p99 %.1f ms)%n",
        count,
        quantile(answers, count, 0.5),
        quantile(answers, count, 0.99),
        quantile(answers, count, 1),
        quantile(sleeps, count, 0.99));
  }

  /** In milliseconds. */
  private static double quantile(long[] nanos, int count, double quantile) {
    long[] sorted = Arrays.copyOf(nanos, count);
    Arrays.sort(sorted);
    return sorted[(int) Math.ceil(quantile * count) - 1] / 1e6;
  }
}
