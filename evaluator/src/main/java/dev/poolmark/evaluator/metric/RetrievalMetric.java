package dev.poolmark.evaluator.metric;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * How well a query's relevant documents stand among the first {@code k} that were found, as
 * sentence-transformers' {@code InformationRetrievalEvaluator} computes it.
 *
 * @param k how many of the found documents count
 */
public record RetrievalMetric(Kind kind, int k) {

  /** What is looked at. */
  public enum Kind {
    /** 1 where any of them is relevant, else 0. */
    ACCURACY("Accuracy"),
    /** The share of the k that is relevant, also where fewer than k documents were found. */
    PRECISION("Precision"),
    /** The share of all relevant documents that is among them. */
    RECALL("Recall"),
    /** 1 / rank of the first relevant one; 0 where there is none. */
    MRR("MRR"),
    /** Sum of 1 / log2(rank + 1) over the relevant ones, over that of the best possible order. */
    NDCG("NDCG"),
    /** Mean of the precision at each relevant one's rank, over as many as could be there. */
    MAP("MAP");

    private final String column;

    Kind(String column) {
      this.column = column;
    }
  }

  /** In the order of the evaluator's CSV file. */
  public static final List<RetrievalMetric> ALL = all();

  /** So many of the documents that were found are looked at, at most. */
  public static final int DEEPEST = ALL.stream().mapToInt(RetrievalMetric::k).max().orElseThrow();

  public RetrievalMetric {
    if (k < 1) {
      throw new IllegalArgumentException("k is at least 1, found " + k);
    }
  }

  private static List<RetrievalMetric> all() {
    List<RetrievalMetric> all = new ArrayList<>();
    List<Integer> ks = List.of(1, 3, 5, 10);
    ks.forEach(k -> all.add(new RetrievalMetric(Kind.ACCURACY, k)));
    for (int k : ks) {
      all.add(new RetrievalMetric(Kind.PRECISION, k));
      all.add(new RetrievalMetric(Kind.RECALL, k));
    }
    all.add(new RetrievalMetric(Kind.MRR, 10));
    all.add(new RetrievalMetric(Kind.NDCG, 10));
    all.add(new RetrievalMetric(Kind.MAP, 100));
    return List.copyOf(all);
  }

  /** As the evaluator's result names it: {@code accuracy@1}. */
  public String key() {
    return kind.name().toLowerCase(Locale.ROOT) + "@" + k;
  }

  /** As its CSV file does: {@code Accuracy@1}. */
  public String column() {
    return kind.column + "@" + k;
  }

  /**
   * The figure of one query, from 0 to 1.
   *
   * @param found whether each document that was found is relevant, best first; at least k, or all
   * @param relevant how many documents are, at least 1
   */
  public double of(boolean[] found, int relevant) {
    return switch (kind) {
      case ACCURACY -> count(found) > 0 ? 1 : 0;
      case PRECISION -> count(found) / (double) k;
      case RECALL -> count(found) / (double) relevant;
      case MRR -> reciprocalRank(found);
      case NDCG -> gain(found) / bestGain(relevant);
      case MAP -> averagePrecision(found, relevant);
    };
  }

  private int first(boolean[] found) {
    return Math.min(k, found.length);
  }

  private int count(boolean[] found) {
    int count = 0;
    for (int i = 0; i < first(found); i++) {
      count += found[i] ? 1 : 0;
    }
    return count;
  }

  private double reciprocalRank(boolean[] found) {
    for (int i = 0; i < first(found); i++) {
      if (found[i]) {
        return 1.0 / (i + 1);
      }
    }
    return 0;
  }

  private double gain(boolean[] found) {
    double gain = 0;
    for (int i = 0; i < first(found); i++) {
      gain += found[i] ? gain(i) : 0;
    }
    return gain;
  }

  private double bestGain(int relevant) {
    double gain = 0;
    for (int i = 0; i < Math.min(k, relevant); i++) {
      gain += gain(i);
    }
    return gain;
  }

  private static double gain(int index) {
    return Math.log(2) / Math.log(index + 2);
  }

  private double averagePrecision(boolean[] found, int relevant) {
    int count = 0;
    double sum = 0;
    for (int i = 0; i < first(found); i++) {
      if (found[i]) {
        count++;
        sum += count / (double) (i + 1);
      }
    }
    return sum / Math.min(k, relevant);
  }
}
