package dev.poolmark.evaluator.score;

import java.util.Comparator;
import java.util.Locale;
import java.util.Set;

/**
 * How the grader may time: what happens to a batch before its pass, and how large it is. In order
 * by these.
 *
 * @param protocol {@code fresh}, {@code cold} or {@code hot}
 * @param batchSize sentences a batch
 */
public record Setting(String protocol, int batchSize) implements Comparable<Setting> {

  private static final Comparator<Setting> ORDER =
      Comparator.comparing(Setting::protocol).thenComparingInt(Setting::batchSize);

  private static final Set<String> PROTOCOLS = Set.of("fresh", "cold", "hot");

  public Setting {
    if (!PROTOCOLS.contains(protocol)) {
      throw new IllegalArgumentException(
          "protocol: expected fresh, cold or hot, found '" + protocol + "'");
    }
    if (batchSize < 1) {
      throw new IllegalArgumentException(
          "batch_size: expected a whole number above 0, found " + batchSize);
    }
  }

  @Override
  public int compareTo(Setting other) {
    return ORDER.compare(this, other);
  }

  /** For people: {@code fresh, batches of 64}. */
  public String describe() {
    return String.format(Locale.ROOT, "%s, batches of %d", protocol, batchSize);
  }
}
