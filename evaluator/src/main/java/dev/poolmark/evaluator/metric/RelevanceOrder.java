package dev.poolmark.evaluator.metric;

import java.util.Arrays;

/**
 * The order of a column's values.
 *
 * @param order the values' indices from the lowest value to the highest, equal ones by index
 * @param ends where in {@code order} each group of equal values ends, exclusive
 */
record RelevanceOrder(int[] order, int[] ends) {

  static RelevanceOrder of(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    int[] ends = ends(sorted);
    int[] groupAt = new int[values.length];
    int[] next = new int[ends.length];
    for (int group = 0, i = 0; group < ends.length; group++) {
      next[group] = i;
      Arrays.fill(groupAt, i, ends[group], group);
      i = ends[group];
    }
    int[] order = new int[values.length];
    for (int i = 0; i < values.length; i++) {
      order[next[groupAt[Arrays.binarySearch(sorted, values[i])]]++] = i;
    }
    return new RelevanceOrder(order, ends);
  }

  /** Ranks from 1; equal values share the mean of their places (scipy's {@code average}). */
  double[] averageRanks() {
    double[] ranks = new double[order.length];
    int start = 0;
    for (int end : ends) {
      double rank = (start + 1 + end) / 2.0;
      for (int i = start; i < end; i++) {
        ranks[order[i]] = rank;
      }
      start = end;
    }
    return ranks;
  }

  private static int[] ends(double[] sorted) {
    int[] ends = new int[sorted.length];
    int groups = 0;
    for (int i = 1; i <= sorted.length; i++) {
      if (i == sorted.length || sorted[i] != sorted[i - 1]) {
        ends[groups++] = i;
      }
    }
    return Arrays.copyOf(ends, groups);
  }
}
