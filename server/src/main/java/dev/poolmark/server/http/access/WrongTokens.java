package dev.poolmark.server.http.access;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongSupplier;

/** When wrong tokens came, by the address that they came from. */
final class WrongTokens {

  static final int MOST = 10;

  private static final long WINDOW_NANOS = Duration.ofMinutes(1).toNanos();
  private static final int MAX_ADDRESSES = 10_000;

  private final LongSupplier nanoTime;

  private final Map<String, Deque<Long>> times =
      new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Deque<Long>> eldest) {
          return size() > MAX_ADDRESSES;
        }
      };

  WrongTokens(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
  }

  /** Whether so many came from there within a minute that one more is not looked at. */
  boolean tooMany(String address) {
    Deque<Long> known = times.get(address);
    if (known == null) {
      return false;
    }
    while (!known.isEmpty() && nanoTime.getAsLong() - known.peekFirst() > WINDOW_NANOS) {
      known.removeFirst();
    }
    return known.size() >= MOST;
  }

  void add(String address) {
    times.computeIfAbsent(address, unused -> new ArrayDeque<>()).addLast(nanoTime.getAsLong());
  }
}
