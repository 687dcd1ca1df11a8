package dev.poolmark.evaluator.text;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;

/** Keeps the best of many hits. */
public final class TopHits {

  /**
   * A text that was found.
   *
   * @param score how close it is, larger is closer
   * @param row where it stands in its file, from 1
   */
  public record Hit(double score, long row, String text) {}

  /** By falling score; what is equally close stays in the order of the file. */
  private static final Comparator<Hit> BEST_FIRST =
      Comparator.comparingDouble(Hit::score).reversed().thenComparingLong(Hit::row);

  private final int k;
  private final PriorityQueue<Hit> worstFirst = new PriorityQueue<>(BEST_FIRST.reversed());

  /** For the best {@code k}, at least 1. */
  public TopHits(int k) {
    if (k < 1) {
      throw new IllegalArgumentException("top-k is at least 1, found " + k);
    }
    this.k = k;
  }

  public void add(Hit hit) {
    worstFirst.add(hit);
    if (worstFirst.size() > k) {
      worstFirst.remove();
    }
  }

  /** Best first. */
  public List<Hit> best() {
    List<Hit> hits = new ArrayList<>(worstFirst);
    hits.sort(BEST_FIRST);
    return hits;
  }
}
