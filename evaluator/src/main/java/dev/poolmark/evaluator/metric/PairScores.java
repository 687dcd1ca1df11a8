package dev.poolmark.evaluator.metric;

import java.util.Arrays;
import java.util.Optional;
import java.util.OptionalDouble;

/** The label and the four similarities of every pair so far, 40 bytes a pair. */
public final class PairScores {

  private static final Similarity[] SIMILARITIES = Similarity.values();

  private final double[] latest = new double[SIMILARITIES.length];
  private final double[][] columns = new double[SIMILARITIES.length][];
  private double[] labels;
  private int size;

  public PairScores() {
    this(1024);
  }

  /** Expects about that many pairs; more are welcome. */
  public PairScores(int expectedPairs) {
    labels = new double[Math.max(16, expectedPairs)];
    Arrays.setAll(columns, i -> new double[labels.length]);
  }

  /**
   * Adds a pair whose similarities are known.
   *
   * @param similarities in the order of {@link Similarity}
   */
  public void add(double label, double... similarities) {
    if (similarities.length != columns.length) {
      throw new IllegalArgumentException(
          "expected " + columns.length + " similarities, found " + similarities.length);
    }
    append(label, similarities);
  }

  /**
   * Adds a pair. This is what the scoring loop calls for each; it allocates nothing but growth.
   *
   * @param label how close the two sentences are, a finite number
   * @param a holds the first embedding in {@code a[aOffset .. aOffset + width)}
   * @param b holds the second embedding in {@code b[bOffset .. bOffset + width)}
   * @return false, adding nothing, where an embedding holds NaN or an infinity
   */
  public boolean add(double label, float[] a, int aOffset, float[] b, int bOffset, int width) {
    if (!Double.isFinite(label)) {
      throw new IllegalArgumentException("a label is a finite number, found " + label);
    }
    if (!Similarity.all(a, aOffset, b, bOffset, width, latest)) {
      return false;
    }
    append(label, latest);
    return true;
  }

  private void append(double label, double[] similarities) {
    if (size == labels.length) {
      grow();
    }
    labels[size] = label;
    for (int i = 0; i < columns.length; i++) {
      columns[i][size] = similarities[i];
    }
    size++;
  }

  public int size() {
    return size;
  }

  public double label(int pair) {
    return labels[checked(pair)];
  }

  public double similarity(Similarity similarity, int pair) {
    return columns[similarity.ordinal()][checked(pair)];
  }

  /** A copy of the labels, in the order of the pairs. */
  public double[] labels() {
    return Arrays.copyOf(labels, size);
  }

  /** A copy of one similarity, in the order of the pairs. */
  public double[] similarities(Similarity similarity) {
    return Arrays.copyOf(columns[similarity.ordinal()], size);
  }

  /** The metric over all pairs; empty where it is not defined, see {@link #whyUndefined}. */
  public OptionalDouble correlation(Metric metric) {
    return metric.correlation().of(similarities(metric.similarity()), labels());
  }

  /** A sentence for the report's findings where the metric is not defined; empty where it is. */
  public Optional<String> whyUndefined(Metric metric) {
    String reason = null;
    if (size < 2) {
      reason = "it takes at least 2 pairs, found " + size;
    } else if (Correlation.isConstant(labels())) {
      reason = "all " + size + " labels are equal";
    } else if (Correlation.isConstant(similarities(metric.similarity()))) {
      reason = "the " + metric.similarity().key() + " of all " + size + " pairs is equal";
    }
    return Optional.ofNullable(reason).map(why -> metric.key() + " is undefined: " + why);
  }

  private int checked(int pair) {
    if (pair < 0 || pair >= size) {
      throw new IndexOutOfBoundsException("pair " + pair + " of " + size);
    }
    return pair;
  }

  private void grow() {
    int capacity = labels.length + (labels.length >> 1);
    labels = Arrays.copyOf(labels, capacity);
    for (int i = 0; i < columns.length; i++) {
      columns[i] = Arrays.copyOf(columns[i], capacity);
    }
  }
}
