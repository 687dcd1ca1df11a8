package dev.poolmark.evaluator.training;

import dev.poolmark.evaluator.dataset.Layout;
import dev.poolmark.evaluator.dataset.TokenStore;
import dev.poolmark.evaluator.files.BadDataException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Some rows of a data set, pairs or triplets.
 *
 * @param rows their numbers, from 0
 */
public record DataRows(TokenStore store, int[] rows) {

  /** Two parts of a data set that have no row in common. */
  public record Split(DataRows train, DataRows dev) {}

  public static DataRows all(TokenStore store) {
    return new DataRows(store, IntStream.range(0, store.rows()).toArray());
  }

  /** Splits them by chance; the same seed gives the same split. */
  Split split(double devShare, long seed) {
    int[] shuffled = shuffled(rows, seed);
    int dev = (int) Math.round(rows.length * devShare);
    int[] devRows = Arrays.copyOfRange(shuffled, 0, dev);
    int[] trainRows = Arrays.copyOfRange(shuffled, dev, rows.length);
    Arrays.sort(devRows);
    Arrays.sort(trainRows);
    return new Split(new DataRows(store, trainRows), new DataRows(store, devRows));
  }

  /** Another order, the same for the same seed (Fisher and Yates). */
  static int[] shuffled(int[] rows, long seed) {
    int[] shuffled = rows.clone();
    Random random = new Random(seed);
    for (int i = shuffled.length - 1; i > 0; i--) {
      int j = random.nextInt(i + 1);
      int swapped = shuffled[i];
      shuffled[i] = shuffled[j];
      shuffled[j] = swapped;
    }
    return shuffled;
  }

  public int size() {
    return rows.length;
  }

  /** The rows that are not among others of the same data set. */
  public DataRows without(DataRows others) {
    Set<Integer> left = Arrays.stream(others.rows).boxed().collect(Collectors.toSet());
    return new DataRows(store, Arrays.stream(rows).filter(row -> !left.contains(row)).toArray());
  }

  /** Some of the rows, drawn by chance; all of them where the share is 1. */
  public DataRows share(double share, long seed) {
    if (share >= 1) {
      return this;
    }
    int count = (int) Math.max(Math.min(2, rows.length), Math.round(share * rows.length));
    int[] some = Arrays.copyOf(shuffled(rows, seed), count);
    Arrays.sort(some);
    return new DataRows(store, some);
  }

  /**
   * Checks that there is something to follow.
   *
   * @param role "training" or "dev"
   * @throws BadDataException when there are fewer than two rows, or all labels are equal
   */
  void check(String role) {
    String kind = store.layout().key();
    if (rows.length < 2) {
      throw bad(
          String.format(Locale.ROOT, "at least 2 %s %s", role, kind), Integer.toString(size()));
    }
    double[] numbers = store.numbers();
    double first = numbers.length > 0 ? numbers[rows[0]] : 0;
    if (store.layout().needsNumbers()
        && Arrays.stream(rows).allMatch(row -> numbers[row] == first)) {
      throw bad(
          role + " labels that differ", String.format(Locale.ROOT, "%d times %s", size(), first));
    }
  }

  /**
   * Checks that a loss can be made small on these rows.
   *
   * @throws BadDataException when it can't
   */
  void check(Loss loss) {
    Layout layout = store.layout();
    if (!loss.takes(layout)) {
      throw bad(
          String.format(Locale.ROOT, "a loss for %s, %s", layout.key(), Loss.keys(layout)),
          String.format(
              Locale.ROOT,
              "%s, which wants %s",
              loss.key(),
              (layout == Layout.PAIRS ? Layout.TRIPLETS : Layout.PAIRS).key()));
    }
    if (loss.wantsMargins() && store.numbers().length == 0) {
      throw bad("triplets with margins for the loss " + loss.key(), "none");
    }
  }

  private BadDataException bad(String expected, String found) {
    return new BadDataException(Path.of(store.name()), expected, found);
  }
}
