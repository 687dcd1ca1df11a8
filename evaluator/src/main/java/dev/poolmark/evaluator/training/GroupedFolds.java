package dev.poolmark.evaluator.training;

import dev.poolmark.evaluator.dataset.Side;
import dev.poolmark.evaluator.dataset.TokenStore;
import dev.poolmark.evaluator.files.BadDataException;
import dev.poolmark.evaluator.files.Sha256;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;

/**
 * Parts of a data set such that no sentence stands in two of them: rows that share a sentence, or
 * share one with a third row, form a group, and a group is never parted.
 *
 * @param groups the group of each row
 */
public record GroupedFolds(int[] groups) {

  /** Fewer rows say nothing about a topic. */
  private static final int FEWEST_OF_A_TOPIC = 50;

  /** The smallest share of the rows that a topic has, where all were of one size it were 1. */
  private static final double SMALLEST_TOPIC = 0.2;

  /** Reads all sentences of a data set once, to find those that are the same. */
  public static GroupedFolds bySentence(TokenStore store) {
    Union union = new Union(store.rows());
    Map<ByteBuffer, Integer> seen = new HashMap<>();
    MessageDigest digest = Sha256.newDigest();
    for (Side side : store.layout().sides()) {
      for (int row = 0; row < store.rows(); row++) {
        Integer earlier = seen.putIfAbsent(hash(store, side, row, digest), row);
        if (earlier != null) {
          union.join(earlier, row);
        }
      }
    }
    return new GroupedFolds(IntStream.range(0, store.rows()).map(union::root).toArray());
  }

  /**
   * The same, but rows of one source stay together, too. Where that leaves fewer groups than asked
   * for, these groups by sentences stay as they are.
   *
   * @param sources of each row, such as the corpus that it was taken from
   * @param fewest groups that there must be
   */
  public GroupedFolds andBySource(List<String> sources, int fewest) {
    GroupedFolds bySource = joined(sources);
    return bySource.count() < fewest ? this : bySource;
  }

  /**
   * The same, but rows of one topic stay together, too, so that what was learned of one is measured
   * on others. Where the tokens tell no topics of some size apart, these groups stay as they are.
   *
   * @param store whose rows these are
   */
  public GroupedFolds andByTopic(TokenStore store, int topics, long seed) {
    int[] heads = Arrays.stream(groups).distinct().toArray();
    if (heads.length < topics * FEWEST_OF_A_TOPIC) {
      return this;
    }
    int[] ofHeads = Topics.of(store, heads, topics, seed);
    Map<Integer, Integer> topicOf = new HashMap<>();
    IntStream.range(0, heads.length).forEach(i -> topicOf.put(heads[i], ofHeads[i]));
    int[] byTopic =
        IntStream.of(groups).map(group -> Objects.requireNonNull(topicOf.get(group))).toArray();
    double fewest = SMALLEST_TOPIC * groups.length / topics;
    boolean allLarge =
        IntStream.range(0, topics)
            .allMatch(topic -> IntStream.of(byTopic).filter(of -> of == topic).count() >= fewest);
    return allLarge ? new GroupedFolds(byTopic) : this;
  }

  private GroupedFolds joined(List<String> sources) {
    Union union = new Union(groups.length);
    Map<String, Integer> firstOfSource = new HashMap<>();
    for (int row = 0; row < groups.length; row++) {
      union.join(groups[row], row);
      Integer first = firstOfSource.putIfAbsent(sources.get(row), row);
      union.join(first == null ? row : first, row);
    }
    return new GroupedFolds(IntStream.range(0, groups.length).map(union::root).toArray());
  }

  private static ByteBuffer hash(TokenStore store, Side side, int row, MessageDigest digest) {
    int bytes = Math.multiplyExact(store.length(side, row), store.dim() * Float.BYTES);
    ByteBuffer tokens = ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    store.copy(side, row, tokens);
    return ByteBuffer.wrap(digest.digest(tokens.array()));
  }

  /** How many groups there are: there can't be more folds. */
  public int count() {
    return (int) Arrays.stream(groups).distinct().count();
  }

  /**
   * Folds of nearly the same size, each the dev rows of a split whose training rows are all others.
   *
   * @param store whose rows these are
   * @param folds at least 2
   * @throws BadDataException when there are fewer groups than folds
   */
  public List<DataRows.Split> folds(TokenStore store, int folds, long seed) {
    if (count() < folds) {
      throw new BadDataException(
          Path.of(store.name()),
          String.format(Locale.ROOT, "rows for %d folds that share no sentence", folds),
          String.format(Locale.ROOT, "%d groups of rows", count()));
    }
    int[] sizes = new int[folds];
    Map<Integer, Integer> foldOfGroup = new HashMap<>();
    for (List<Integer> group : largestFirst(seed)) {
      int smallest =
          IntStream.range(0, folds)
              .boxed()
              .min(Comparator.comparingInt(fold -> sizes[fold]))
              .orElseThrow();
      sizes[smallest] += group.size();
      foldOfGroup.put(groups[group.get(0)], smallest);
    }
    return IntStream.range(0, folds)
        .mapToObj(
            fold ->
                split(store, row -> Objects.requireNonNull(foldOfGroup.get(groups[row])) == fold))
        .toList();
  }

  /**
   * Splits off a share of some rows: whole groups in an order by chance, as many as the share has
   * room for. Where all rows hang together, rows are split that share sentences, for there is no
   * better way.
   *
   * @param rows some of the data set
   * @param devShare of the rows, above 0 and below 1
   */
  public DataRows.Split split(DataRows rows, double devShare, long seed) {
    long room = Math.max(1, Math.round(rows.size() * devShare));
    Map<Integer, List<Integer>> byGroup = byGroup(rows.rows());
    if (byGroup.size() < 2) {
      return rows.split(devShare, seed);
    }
    List<List<Integer>> shuffled = new ArrayList<>(byGroup.values());
    Collections.shuffle(shuffled, new Random(seed));
    List<Integer> dev = new ArrayList<>();
    for (List<Integer> group : shuffled) {
      if (dev.size() + group.size() <= room) {
        dev.addAll(group);
      }
    }
    if (dev.isEmpty()) {
      dev.addAll(Collections.min(shuffled, Comparator.comparingInt(List::size)));
    }
    DataRows devRows =
        new DataRows(rows.store(), dev.stream().mapToInt(row -> row).sorted().toArray());
    return new DataRows.Split(rows.without(devRows), devRows);
  }

  private DataRows.Split split(TokenStore store, IntPredicate isDev) {
    IntStream rows = IntStream.range(0, groups.length);
    return new DataRows.Split(
        new DataRows(store, rows.filter(isDev.negate()).toArray()),
        new DataRows(store, IntStream.range(0, groups.length).filter(isDev).toArray()));
  }

  /** The rows of each group; which of equally large ones comes first, the seed tells. */
  private List<List<Integer>> largestFirst(long seed) {
    List<List<Integer>> all =
        new ArrayList<>(byGroup(IntStream.range(0, groups.length).toArray()).values());
    Collections.shuffle(all, new Random(seed));
    all.sort(Comparator.comparingInt((List<Integer> group) -> group.size()).reversed());
    return all;
  }

  private Map<Integer, List<Integer>> byGroup(int[] rows) {
    Map<Integer, List<Integer>> byGroup = new TreeMap<>();
    for (int row : rows) {
      byGroup.computeIfAbsent(groups[row], group -> new ArrayList<>()).add(row);
    }
    return byGroup;
  }

  /** Disjoint sets of rows (Tarjan, 1975), with halved paths. */
  private static final class Union {
    private final int[] parents;

    Union(int rows) {
      parents = IntStream.range(0, rows).toArray();
    }

    int root(int row) {
      int at = row;
      while (parents[at] != at) {
        parents[at] = parents[parents[at]];
        at = parents[at];
      }
      return at;
    }

    /** The smaller number becomes the root of both. */
    void join(int one, int other) {
      int a = root(one);
      int b = root(other);
      parents[Math.max(a, b)] = Math.min(a, b);
    }
  }
}
